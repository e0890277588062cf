//! The user hears of a sign-in from a new place.

use crate::support::{EMAIL, PASSWORD, Scene, credentials};
use outbox::{Letter, Locale, Matter, Outbox};
use testkit::{Fault, Request, Stores, now};

const AGENT: &str = "Other/1.0";

fn from_elsewhere() -> Request {
    let request = credentials(EMAIL, PASSWORD).source_ip("198.51.100.1").without("user-agent");
    request.header("user-agent", AGENT).header("accept-language", "pt-BR,en;q=0.5")
}

impl Scene {
    async fn letters(&self) -> Vec<Letter> {
        Outbox::new(self.stores.dynamo()).due(self.now).await.expect("letters")
    }
}

#[tokio::test]
async fn a_sign_in_from_a_new_place_is_told_by_mail() {
    let scene = Scene::new(Stores::start().await, now()).await;
    scene.sign_in().await;
    scene.sign_in().await;
    assert!(scene.letters().await.is_empty(), "the first of all, and the same place again");
    for _ in 0..2 {
        assert_eq!(scene.ask(&from_elsewhere()).await.status, 200);
    }
    let [letter] = &scene.letters().await[..] else { panic!("one letter") };
    assert_eq!((letter.to.as_str(), letter.locale), (EMAIL, Locale::Pt));
    let (ip, user_agent) = (Some("198.51.100.1".to_owned()), Some(AGENT.to_owned()));
    assert_eq!(letter.matter, Matter::SignIn { at: scene.now, ip, user_agent });
}

#[tokio::test]
async fn a_wrong_password_is_not_told() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.sign_in().await;
    let wrong = from_elsewhere().json(&serde_json::json!({ "email": EMAIL, "password": "wrong password" }));
    assert_eq!(scene.ask(&wrong).await.status, 401);
    assert!(scene.letters().await.is_empty());
}

#[tokio::test]
async fn a_sign_in_that_cannot_be_told_is_a_sign_in() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.sign_in().await;
    scene.stores.dynamo_proxy.break_all(Some("Query"), Fault::Fail);
    assert_eq!(scene.ask(&from_elsewhere()).await.status, 200);
    assert!(scene.letters().await.is_empty());
}
