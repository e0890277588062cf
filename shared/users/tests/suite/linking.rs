//! A provider's identity is added to the account of a signed-in user. ASVS 6.8.1, 6.8.2.

use crate::support::{EMAIL, Scene, denial, is_unknown, letter, secret, somebody};
use serde_json::{Value, json};
use session::Account;
use testkit::{Fault, now};
use users::{Denial, Error, Federated, Joined};

const SUBJECT: (&str, &str) = ("identity", "oidc#https://id.example#eve");

impl Scene {
    pub async fn link(&self, user_id: &str, who: &Federated) -> Result<Joined, Error> {
        let account = self.stores.stored_account(user_id).await;
        self.users.link(&account, who, Vec::new(), now()).await
    }
}

/// Its address does not matter: it may be different, unproven, another user's, or missing.
#[tokio::test]
async fn an_identity_that_is_free_is_added_and_opens_the_account() {
    for (email, email_verified) in [(Some("eve@example.com"), true), (Some("bob@example.com"), false), (None, false)] {
        let (scene, ada) = Scene::with_ada().await;
        scene.add("bob@example.com", None).await.unwrap();
        let who = Federated { email: email.map(str::to_owned), email_verified, ..somebody("eve", EMAIL) };
        assert_eq!(scene.link(&ada, &who).await.unwrap(), Joined::Linked);
        let row = scene.stores.row("user_identities", SUBJECT).await.unwrap();
        assert_eq!((&row["user_id"], &row["verified"]), (&json!(ada), &json!(true)));
        assert_eq!((&row["provider"], &row["email"]), (&json!("acme"), &json!(email)));
        assert_eq!(row["last_used_at"], Value::Null, "nobody came in by it yet");
        assert_eq!(scene.enter(&who).await.unwrap(), (ada.clone(), Joined::Known));
        let account = scene.stores.stored_account(&ada).await;
        assert_eq!((account.email.as_deref(), account.name), (Some(EMAIL), None), "the profile stays");
    }
}

#[tokio::test]
async fn an_identity_that_is_theirs_already_is_left_as_it_is() {
    let (scene, ada) = Scene::with_ada().await;
    let who = somebody("eve", "eve@example.com");
    scene.link(&ada, &who).await.unwrap();
    let contents = scene.stores.contents().await;
    assert_eq!(scene.link(&ada, &who).await.unwrap(), Joined::Known);
    assert_eq!(scene.stores.contents().await, contents);
}

#[tokio::test]
async fn an_identity_of_somebody_else_stays_with_them() {
    let (scene, ada) = Scene::with_ada().await;
    let who = somebody("eve", "eve@example.com");
    let (eve, _) = scene.enter(&who).await.unwrap();
    let contents = scene.stores.contents().await;
    assert!(matches!(scene.link(&ada, &who).await, Err(Error::Taken)));
    assert_eq!(scene.stores.contents().await, contents);
    assert_eq!(scene.enter(&who).await.unwrap().0, eve);
}

/// Otherwise an unknown way in would exist on the day the account is enabled.
#[tokio::test]
async fn an_account_that_is_disabled_or_gone_gets_no_way_in() {
    let (scene, ada) = Scene::with_ada().await;
    let who = somebody("eve", "eve@example.com");
    let account = scene.stores.stored_account(&ada).await;
    scene.stores.change("users", ("user_id", &ada), |row| row["status"] = json!("disabled")).await;
    let contents = scene.stores.contents().await;
    for user_id in [&*ada, "gone"] {
        let account = Account { user_id: user_id.to_owned(), ..account.clone() };
        let linked = scene.users.link(&account, &who, Vec::new(), now()).await;
        assert_eq!(denial(linked), (Denial::Disabled, Some(user_id.to_owned())));
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// Otherwise a user who resets the password after a theft could not keep the thief out.
#[tokio::test]
async fn an_account_whose_sessions_were_ended_since_it_was_read_gets_no_way_in() {
    let (scene, ada) = Scene::with_ada().await;
    let account = scene.stores.stored_account(&ada).await;
    let challenge = scene.reset_mail(EMAIL).await;
    let (mailed, new) = (scene.users.mailed(&challenge).await.unwrap(), secret("another long password"));
    scene.users.reset_password(&scene.sessions(), mailed, &new, letter, now()).await.unwrap();
    let contents = scene.stores.contents().await;
    let linked = scene.users.link(&account, &somebody("eve", EMAIL), Vec::new(), now()).await;
    assert!(matches!(linked, Err(Error::Session(session::Error::Superseded))), "{linked:?}");
    assert_eq!(scene.stores.contents().await, contents);
    assert_eq!(scene.link(&ada, &somebody("eve", EMAIL)).await.unwrap(), Joined::Linked, "as it is now, it does");
}

/// ASVS 15.4.1–15.4.3.
#[tokio::test]
async fn of_two_users_who_add_one_identity_at_once_one_gets_it() {
    for _ in 0..5 {
        let (scene, ada) = Scene::with_ada().await;
        let bob = scene.add("bob@example.com", None).await.unwrap();
        let who = somebody("eve", "eve@example.com");
        let linked = tokio::join!(scene.link(&ada, &who), scene.link(&bob, &who));
        let owner = scene.enter(&who).await.unwrap().0;
        match linked {
            (Ok(Joined::Linked), Err(Error::Taken)) => assert_eq!(owner, ada),
            (Err(Error::Taken), Ok(Joined::Linked)) => assert_eq!(owner, bob),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_told_as_done() {
    let (scene, ada) = Scene::with_ada().await;
    scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::LoseAnswer]);
    let linked = scene.link(&ada, &somebody("eve", "eve@example.com")).await;
    assert!(matches!(linked, Ok(Joined::Linked | Joined::Known)), "{linked:?}");
    for operation in ["GetItem", "TransactWriteItems"] {
        scene.stores.dynamo_proxy.break_all(Some(operation), Fault::Fail);
        assert!(is_unknown(&scene.link(&ada, &somebody("more", EMAIL)).await), "{operation}");
        scene.stores.dynamo_proxy.heal();
    }
}
