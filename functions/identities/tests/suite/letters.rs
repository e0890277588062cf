//! An account's owner is told about a removed way in. ASVS 6.3.7.

use crate::support::{EMAIL, Scene, removal};
use outbox::{Letter, Locale, Matter, Outbox};
use scene::{Fault, Stores, now};
use serde_json::json;

impl Scene {
    async fn letters(&self) -> Vec<Letter> {
        Outbox::new(self.stores.dynamo()).due(self.now).await.expect("letters")
    }
}

#[tokio::test]
async fn a_way_that_is_taken_away_is_told_once() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let request = removal(&scene.browser().await, &scene.linked().await).header("accept-language", "pt");
    assert_eq!(scene.ask(&request).await.status, 204);
    assert_eq!(scene.ask(&request).await.status, 404);
    let [letter] = &scene.letters().await[..] else { panic!("one letter") };
    assert_eq!((letter.to.as_str(), letter.locale), (EMAIL, Locale::Pt));
    assert_eq!(letter.matter, Matter::IdentityUnlinked { provider: "acme".to_owned(), at: scene.now });
}

#[tokio::test]
async fn what_stays_is_not_told() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, id) = (scene.browser().await, scene.linked().await);
    scene.stores.dynamo_proxy.break_all(Some("TransactWriteItems"), Fault::Fail);
    assert_eq!(scene.ask(&removal(&browser, &id)).await.status, 503);
    scene.stores.dynamo_proxy.heal();
    scene.without_password().await;
    assert_eq!(scene.ask(&removal(&browser, &id)).await.status, 409);
    assert!(scene.letters().await.is_empty());
}

/// No mail about an account goes to an address that its user has not proven.
#[tokio::test]
async fn only_a_proven_address_is_told() {
    let scene = Scene::new(Stores::start().await, now()).await;
    scene.stores.change("users", ("user_id", &scene.user_id), |row| row["email_verified"] = json!(false)).await;
    assert_eq!(scene.ask(&removal(&scene.browser().await, &scene.linked().await)).await.status, 204);
    assert!(scene.letters().await.is_empty());
}
