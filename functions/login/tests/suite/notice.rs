//! The user is told of a sign-in from a new place.

use crate::support::{EMAIL, PASSWORD, Scene, credentials};
use outbox::{Letter, Locale, Matter, Outbox};
use scene::{Fault, Request, Stores, now};

const AGENT: &str = "Other/1.0";
const BROWSER: &str = "__Host-browser";

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

/// A phone on changing networks signs in six times: five mails about one browser would teach people to ignore them.
#[tokio::test]
async fn a_browser_that_is_known_is_told_from_nowhere() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let first = scene.ask(&credentials(EMAIL, PASSWORD)).await;
    let kept = first.cookie(BROWSER).unwrap().to_owned();
    for number in 0..6 {
        let request = credentials(EMAIL, PASSWORD).source_ip(&format!("198.51.{number}.1")).cookie(BROWSER, &kept);
        let reply = scene.ask(&request).await;
        assert_eq!((reply.status, reply.cookie(BROWSER)), (200, Some(&*kept)), "kept, for another 400 days");
    }
    assert!(scene.letters().await.is_empty());
    let [_, cookie] = &first.cookies[..] else { panic!("two cookies: {first:?}") };
    let attributes = cookie.strip_prefix(&format!("{BROWSER}={kept}"));
    assert_eq!(attributes, Some("; HttpOnly; SameSite=None; Secure; Path=/; Max-Age=34560000"));
}

#[tokio::test]
async fn a_value_that_we_did_not_give_out_is_known_to_nobody() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.sign_in().await;
    for (number, value) in [&*"A".repeat(43), "short", ""].into_iter().enumerate() {
        let request = credentials(EMAIL, PASSWORD).source_ip(&format!("198.51.{number}.1")).cookie(BROWSER, value);
        let reply = scene.ask(&request).await;
        assert_eq!((reply.status, scene.letters().await.len()), (200, number + 1), "{value}");
        assert_eq!(
            reply.cookie(BROWSER) == Some(value),
            number == 0,
            "what has our form is kept, and known from now on"
        );
    }
}

/// Nor does it prevent a sign-in.
#[tokio::test]
async fn two_values_of_one_browser_tell_nothing() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let kept = scene.ask(&credentials(EMAIL, PASSWORD)).await.cookie(BROWSER).unwrap().to_owned();
    let twice = credentials(EMAIL, PASSWORD).cookie(BROWSER, &kept).cookie(BROWSER, &"A".repeat(43));
    let reply = scene.ask(&twice.source_ip("198.51.100.1")).await;
    assert_eq!((reply.status, scene.letters().await.len()), (200, 1));
    assert_ne!(reply.cookie(BROWSER), Some(&*kept));
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
