//! Which account a person gets when a provider vouches for them. ASVS 6.8.1, 6.8.2; OpenID Connect Core 5.7.

use crate::support::{EMAIL, ISSUER, Scene, denial, letter, somebody};
use serde_json::{Value, json};
use testkit::now;
use users::{Denial, Error, Federated, Joined};

const SUBJECT: (&str, &str) = ("identity", "oidc#https://id.example#ada");

impl Scene {
    pub async fn enter(&self, who: &Federated) -> Result<(String, Joined), Error> {
        let entrant = self.users.with_identity(who, letter, now()).await?;
        self.users.note_entry(&entrant, now()).await;
        Ok((entrant.account.user_id, entrant.joined))
    }
}

#[tokio::test]
async fn somebody_new_gets_an_account_and_keeps_it() {
    let scene = Scene::new().await;
    let (user, joined) = scene.enter(&somebody("ada", EMAIL)).await.unwrap();
    assert_eq!(joined, Joined::Created);
    let account = scene.stores.stored_account(&user).await;
    assert_eq!((account.email.as_deref(), account.email_verified), (Some(EMAIL), true));
    assert_eq!(
        (account.name.as_deref(), account.picture.as_deref()),
        (Some("Ada"), Some("https://id.example/ada.png"))
    );
    assert_eq!(scene.enter(&somebody("ada", "new@example.com")).await.unwrap(), (user, Joined::Known));
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (1, 2));
}

/// A known subject costs the two reads of any login, and the note of the time.
#[tokio::test]
async fn a_known_subject_is_found_and_only_its_use_is_noted() {
    let scene = Scene::new().await;
    scene.enter(&somebody("ada", EMAIL)).await.unwrap();
    let before = scene.stores.row("user_identities", SUBJECT).await.unwrap();
    let (contents, users) = (scene.count("user_identities").await, scene.stores.contents().await["test-users"].clone());
    let (all, snapshots) = (scene.stores.dynamo_proxy.calls(), scene.stores.dynamo_proxy.calls_of("TransactGetItems"));
    let then = testkit::then();
    let entrant = scene.users.with_identity(&somebody("ada", "new@example.com"), letter, then).await.unwrap();
    scene.users.note_entry(&entrant, then).await;
    assert_eq!(scene.stores.dynamo_proxy.calls() - all, 3);
    assert_eq!(scene.stores.dynamo_proxy.calls_of("TransactGetItems") - snapshots, 1);
    let mut expected = before;
    expected["last_used_at"] = json!(then.as_millisecond());
    assert_eq!(scene.stores.row("user_identities", SUBJECT).await, Some(expected));
    assert_eq!(scene.count("user_identities").await, contents);
    assert_eq!(scene.stores.contents().await["test-users"], users);
}

#[tokio::test]
async fn issuer_and_subject_together_are_who_somebody_is() {
    let scene = Scene::new().await;
    let mut users = Vec::new();
    for (issuer, subject) in [
        (ISSUER, "ada"),
        (ISSUER, "ADA"),
        (ISSUER, "ad"),
        ("https://id.example/", "ada"),
        ("https://ID.example", "ada"),
        ("https://id.example", "#ada"),
    ] {
        let who = Federated { issuer: issuer.to_owned(), email: None, ..somebody(subject, EMAIL) };
        users.push(scene.enter(&who).await.unwrap().0);
    }
    let distinct: std::collections::BTreeSet<_> = users.iter().collect();
    assert_eq!(distinct.len(), users.len());
}

#[tokio::test]
async fn both_sides_need_proof_of_an_address_to_join() {
    for (theirs, ours) in [(true, true), (true, false), (false, true), (false, false)] {
        let (scene, ada) = Scene::with_ada().await;
        let proven = |row: &mut Value| row["verified"] = json!(ours);
        scene.stores.change("user_identities", ("identity", "email#ada@example.com"), proven).await;
        let contents = scene.stores.contents().await;
        let entered = scene.enter(&Federated { email_verified: theirs, ..somebody("ada", "ADA@example.com") }).await;
        if theirs && ours {
            assert_eq!(entered.unwrap(), (ada, Joined::Linked));
            assert_eq!((scene.count("users").await, scene.count("user_identities").await), (1, 2));
        } else {
            assert!(matches!(entered, Err(Error::Taken)), "{theirs} {ours}: {entered:?}");
            assert_eq!(scene.stores.contents().await, contents);
        }
    }
}

#[tokio::test]
async fn an_address_without_proof_claims_nothing() {
    for email in [Some(EMAIL), Some("no address"), Some(""), None] {
        let scene = Scene::new().await;
        let who = Federated { email: email.map(str::to_owned), email_verified: false, ..somebody("ada", EMAIL) };
        let (user, joined) = scene.enter(&who).await.unwrap();
        let account = scene.stores.stored_account(&user).await;
        let shown = email.filter(|email| *email == EMAIL);
        assert_eq!((joined, account.email.as_deref(), account.email_verified), (Joined::Created, shown, false));
        assert_eq!(scene.count("user_identities").await, 1);
        assert_ne!(scene.add(EMAIL, None).await.unwrap(), user);
    }
}

/// `email_verified` means nothing if the address cannot be one.
#[tokio::test]
async fn an_address_that_is_none_is_not_proven() {
    let scene = Scene::new().await;
    let (user, _) = scene.enter(&somebody("ada", "ada@example.com\0")).await.unwrap();
    let account = scene.stores.stored_account(&user).await;
    assert_eq!((account.email, account.email_verified), (None, false));
}

#[tokio::test]
async fn a_disabled_account_lets_nobody_in() {
    let scene = Scene::new().await;
    let (user, _) = scene.enter(&somebody("ada", EMAIL)).await.unwrap();
    scene.stores.change("users", ("user_id", &user), |row| row["status"] = json!("disabled")).await;
    assert_eq!(denial(scene.enter(&somebody("ada", EMAIL)).await), (Denial::Disabled, Some(user.clone())));
    // Nor through a new way in.
    assert_eq!(denial(scene.enter(&somebody("other", EMAIL)).await), (Denial::Disabled, Some(user)));
}
