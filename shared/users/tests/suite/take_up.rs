//! The current claims of a provider about a person it has vouched for before. OpenID Connect Core 5.7.

use crate::support::{EMAIL, PASSWORD, Scene, somebody};
use serde_json::json;
use session::Account;
use testkit::Fault;
use users::{Federated, Joined};

fn unproven() -> Federated {
    Federated { email_verified: false, ..somebody("ada", EMAIL) }
}

impl Scene {
    /// The account as the session will show it and as it is stored: they are equal.
    async fn seen(&self, who: &Federated) -> Account {
        let account = self.users.with_identity(who, crate::support::letter, testkit::now()).await.unwrap().account;
        assert_eq!(self.stores.stored_account(&account.user_id).await, account);
        account
    }
}

#[tokio::test]
async fn an_address_that_became_verified_is_the_accounts() {
    let scene = Scene::new().await;
    let (user_id, _) = scene.enter(&unproven()).await.unwrap();
    let account = scene.seen(&somebody("ada", "Ada@Example.com")).await;
    assert_eq!((&account.user_id, account.email.as_deref(), account.email_verified), (&user_id, Some(EMAIL), true));
    let identity = scene.stores.row("user_identities", ("identity", "email#ada@example.com")).await.unwrap();
    assert_eq!((&identity["user_id"], &identity["verified"]), (&json!(user_id), &json!(true)));
    assert_eq!(scene.enter(&somebody("other", EMAIL)).await.unwrap(), (user_id, Joined::Linked), "as any proven one");
}

/// The first user who proves an address gets it.
#[tokio::test]
async fn an_address_that_is_anothers_by_now_stays_unproven() {
    let scene = Scene::new().await;
    scene.enter(&unproven()).await.unwrap();
    let owner = scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
    let renamed = Federated { name: Some("Ada King".to_owned()), ..somebody("ada", EMAIL) };
    let account = scene.seen(&renamed).await;
    assert_ne!(account.user_id, owner);
    assert_eq!((account.email_verified, account.name.as_deref()), (false, Some("Ada King")), "the rest is taken up");
    assert_eq!(scene.log_in(EMAIL, PASSWORD).await.unwrap().user_id, owner);
}

/// Mail goes to the account's address; a provider that was added later does not change it.
#[tokio::test]
async fn a_proven_address_stays_whatever_the_provider_says_later() {
    let scene = Scene::new().await;
    scene.seen(&somebody("ada", EMAIL)).await;
    let account = scene.seen(&somebody("ada", "new@example.com")).await;
    assert_eq!((account.email.as_deref(), account.email_verified), (Some(EMAIL), true));
    assert!(scene.stores.row("user_identities", ("identity", "email#new@example.com")).await.is_none());
}

#[tokio::test]
async fn name_and_picture_follow_the_provider_that_the_account_was_made_with() {
    let scene = Scene::new().await;
    scene.seen(&somebody("ada", EMAIL)).await;
    let other = "https://id.example/king.png";
    let (name, picture) = (Some("Ada King".to_owned()), Some(other.to_owned()));
    let account = scene.seen(&Federated { name, picture, ..somebody("ada", EMAIL) }).await;
    assert_eq!((account.name.as_deref(), account.picture.as_deref()), (Some("Ada King"), Some(other)));
    let silent = Federated { name: None, picture: Some("data:,x".to_owned()), ..somebody("ada", EMAIL) };
    let account = scene.seen(&silent).await;
    assert_eq!(
        (account.name.as_deref(), account.picture.as_deref()),
        (Some("Ada King"), Some(other)),
        "nothing was said"
    );
}

/// Like accounts that were made before pictures were checked.
#[tokio::test]
async fn a_picture_that_would_not_be_taken_today_goes() {
    let scene = Scene::new().await;
    let (user_id, _) = scene.enter(&somebody("ada", EMAIL)).await.unwrap();
    let data = json!(format!("data:image/png;base64,{}", "A".repeat(1_000)));
    scene.stores.change("users", ("user_id", &user_id), |row| row["picture"] = data.clone()).await;
    let still = Federated { picture: data.as_str().map(str::to_owned), ..somebody("ada", EMAIL) };
    let account = scene.seen(&still).await;
    assert_eq!((account.name.as_deref(), account.picture), (Some("Ada"), None));
}

/// A name that a person chose stays.
#[tokio::test]
async fn what_a_provider_says_that_was_added_changes_no_profile() {
    let (scene, ada) = Scene::with_ada().await;
    scene.stores.change("users", ("user_id", &ada), |row| row["name"] = json!("Countess")).await;
    scene.enter(&somebody("ada", EMAIL)).await.unwrap();
    let account = scene.seen(&Federated { name: Some("Ada King".to_owned()), ..somebody("ada", EMAIL) }).await;
    assert_eq!((account.user_id, account.name.as_deref(), account.picture), (ada, Some("Countess"), None));
}

/// The person is signed in even if the claims cannot be taken over.
#[tokio::test]
async fn what_cannot_be_taken_up_keeps_nobody_out() {
    let scene = Scene::new().await;
    let (user_id, _) = scene.enter(&unproven()).await.unwrap();
    scene.stores.dynamo_proxy.break_all(Some("TransactWriteItems"), Fault::Fail);
    assert!(!scene.seen(&somebody("ada", EMAIL)).await.email_verified);
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.seen(&somebody("ada", EMAIL)).await.user_id, user_id);
    assert!(scene.stores.stored_account(&user_id).await.email_verified, "the next sign-in does it");
}

/// Otherwise it would be a new way in for a user who was shut out between the two.
#[tokio::test]
async fn an_account_that_is_disabled_meanwhile_takes_nothing_up() {
    let scene = Scene::new().await;
    let (user_id, _) = scene.enter(&unproven()).await.unwrap();
    let proven = somebody("ada", EMAIL);
    let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
    let disable = async {
        held.arrived().await;
        scene.stores.change("users", ("user_id", &user_id), |row| row["status"] = json!("disabled")).await;
        held.release();
    };
    let (entered, ()) = tokio::join!(scene.enter(&proven), disable);
    entered.unwrap();
    assert_eq!(scene.count("user_identities").await, 1);
}
