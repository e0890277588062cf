//! An account's owner is told about a new way in. ASVS 6.3.7.

use crate::support::Scene;
use outbox::{Letter, Locale, Matter, Outbox};
use scene::{Fault, Reply};
use serde_json::json;

impl Scene {
    async fn letters(&self) -> Vec<Letter> {
        Outbox::new(self.stores.dynamo()).due(self.now).await.expect("letters")
    }

    /// Adds the identity to this user's account.
    async fn link(&self, user_id: &str) -> Reply {
        let (browser, visit) = self.linking(user_id).await;
        let request = browser.with_cookie(visit.request());
        self.ask(&request.header("accept-language", "pt")).await
    }

    fn linked(&self) -> Matter {
        Matter::IdentityLinked { provider: "acme".to_owned(), at: self.now }
    }
}

#[tokio::test]
async fn an_identity_that_is_added_is_told_once() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    for _ in 0..2 {
        assert_eq!(scene.link(&bob).await.status, 302);
    }
    let [letter] = &scene.letters().await[..] else { panic!("one letter") };
    assert_eq!((letter.to.as_str(), letter.locale), ("bob@example.com", Locale::Pt));
    assert_eq!(letter.matter, scene.linked());
}

/// No mail about an account goes to an address that its user has not proven.
#[tokio::test]
async fn only_a_proven_address_is_told() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    scene.stores.change("users", ("user_id", &bob), |row| row["email_verified"] = json!(false)).await;
    assert_eq!(scene.link(&bob).await.status, 302);
    assert!(scene.letters().await.is_empty());
}

/// One write: no identity is added without a mail, and no mail is sent without an identity.
#[tokio::test]
async fn the_identity_and_the_letter_come_together_or_not_at_all() {
    let mut scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let browser = scene.browser_of(&bob).await;
    // A letter that is put separately is lost.
    let away = scene.outbox_away().await;
    for (fault, status, letters) in [(Some(Fault::Fail), 503, 0), (None, 302, 1)] {
        let request = browser.with_cookie(scene.linking_visit(&browser).await.request());
        fault.into_iter().for_each(|fault| scene.stores.dynamo_proxy.break_all(Some("TransactWriteItems"), fault));
        assert_eq!(scene.ask(&request).await.status, status, "{fault:?}");
        scene.stores.dynamo_proxy.heal();
        assert_eq!((scene.owner().await.is_some(), scene.letters().await.len()), (letters == 1, letters));
    }
    assert_eq!(away.dynamo_proxy.calls(), 0);
}

/// A login adds the provider's identity by itself, because the address is proven on both sides.
#[tokio::test]
async fn an_identity_that_a_login_adds_is_told_too() {
    let scene = Scene::whole().await;
    scene.add("ana@example.com").await;
    for _ in 0..2 {
        assert_eq!(scene.log_in().await.status, 302);
    }
    let [letter] = &scene.letters().await[..] else { panic!("one letter") };
    assert_eq!((letter.to.as_str(), &letter.matter), ("ana@example.com", &scene.linked()));
}

/// As for an identity that a user adds: the letter is written with the identity, even if other letters fail.
#[tokio::test]
async fn the_letter_of_a_joining_cannot_be_lost() {
    let mut scene = Scene::whole().await;
    scene.add("ana@example.com").await;
    let _away = scene.outbox_away().await;
    assert_eq!(scene.log_in().await.status, 302);
    assert_eq!(scene.letters().await.len(), 1);
}
