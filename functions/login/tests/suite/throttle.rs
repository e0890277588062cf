//! ASVS 2.4.1, 6.3.1: how often a client may guess.

use crate::support::{EMAIL, PASSWORD, Scene, credentials, token};
use futures_util::future::join_all;
use jiff::SignedDuration;
use scene::{Fault, Logs, Reply, Request, Stores, now, on_both_stores};
use serde_json::json;

const ELSEWHERE: &str = "198.51.100.1";

fn wrong(email: &str) -> Request {
    credentials(email, "wrong password")
}

fn is_throttled(reply: &Reply, seconds: u32) {
    assert_eq!((reply.status, &*reply.problem()), (429, "too-many-attempts"), "{reply:?}");
    assert_eq!(reply.header("retry-after"), Some(&*seconds.to_string()), "{reply:?}");
    assert!(reply.cookies.is_empty(), "{reply:?}");
}

impl Scene {
    async fn guess(&self, request: &Request, times: usize) {
        for n in 0..times {
            assert_eq!(self.ask(request).await.status, 401, "guess {n}");
        }
    }

    async fn counters(&self) -> usize {
        self.stores.contents().await["test-throttle"].as_array().expect("rows").len()
    }
}

on_both_stores! {
    async fn after_five_wrong_passwords_the_right_one_waits_too(stores) {
        let mut scene = Scene::new(stores, now()).await;
        scene.guess(&wrong(EMAIL), 5).await;
        let proxy = &scene.stores.dynamo_proxy;
        let before = proxy.calls();
        is_throttled(&scene.ask(&credentials(EMAIL, PASSWORD)).await, 30);
        assert_eq!(proxy.calls() - before, 1, "the password is not looked at");
        scene.now += SignedDuration::from_millis(29_001);
        is_throttled(&scene.ask(&credentials(EMAIL, PASSWORD)).await, 1);
        scene.now += SignedDuration::from_millis(999);
        assert_eq!(scene.ask(&wrong(EMAIL)).await.status, 401);
        is_throttled(&scene.ask(&credentials(EMAIL, PASSWORD)).await, 60);
        scene.now += SignedDuration::from_secs(60);
        assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 200);
    }
}

/// ASVS 2.3.4, 15.4.1.
#[tokio::test]
async fn twenty_wrong_passwords_at_once_let_five_through() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let request = wrong(EMAIL);
    let replies = join_all((0..20).map(|_| scene.ask(&request))).await;
    let count = |status| replies.iter().filter(|reply| reply.status == status).count();
    assert_eq!((count(401), count(429)), (5, 15));
    assert_eq!(scene.stores.dynamo_proxy.calls_of("TransactGetItems"), 5, "the others are not looked at");
}

/// ASVS 6.3.8: a throttled account looks the same whether or not it exists.
#[tokio::test]
async fn throttled_accounts_are_alike_whether_they_exist_or_not() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let mut seen = Vec::new();
    for email in [EMAIL, "nobody@example.com"] {
        let proxy = &scene.stores.dynamo_proxy;
        let mut replies = Vec::new();
        for _ in 0..7 {
            let before = proxy.calls();
            let reply = scene.ask(&wrong(email)).await;
            replies.push((reply, proxy.calls() - before));
        }
        is_throttled(&replies[6].0, 30);
        seen.push(replies);
    }
    assert_eq!(seen[0], seen[1]);
}

/// The owner's address differs from the stranger's.
#[tokio::test]
async fn a_stranger_does_not_lock_the_owner_out() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let stranger = wrong(EMAIL).source_ip(ELSEWHERE);
    scene.guess(&stranger, 5).await;
    is_throttled(&scene.ask(&stranger).await, 30);
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 200);
    is_throttled(&scene.ask(&stranger).await, 30);
}

/// With any number of strangers, if the owner has signed in from there before.
#[tokio::test]
async fn a_hundred_strangers_do_not_lock_the_owner_out() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.sign_in().await;
    for n in 1..=100 {
        scene.guess(&wrong(EMAIL).source_ip(&format!("198.51.100.{n}")), 1).await;
    }
    is_throttled(&scene.ask(&wrong(EMAIL).source_ip("192.0.2.1")).await, 30);
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 200);
}

#[tokio::test]
async fn one_address_guesses_at_a_hundred_accounts_at_most() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for n in 1..=100 {
        scene.guess(&wrong(&format!("{n}@example.com")), 1).await;
    }
    is_throttled(&scene.ask(&wrong("another@example.com")).await, 30);
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD).source_ip(ELSEWHERE)).await.status, 200);
}

#[tokio::test]
async fn the_right_password_gives_five_new_tries() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for _ in 0..3 {
        scene.guess(&wrong(EMAIL), 4).await;
        assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 200);
    }
    scene.guess(&wrong(EMAIL), 5).await;
    is_throttled(&scene.ask(&wrong(EMAIL)).await, 30);
}

/// An address has only one form; otherwise each spelling would have its own tries.
#[tokio::test]
async fn all_spellings_of_an_address_count_as_one() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for email in [EMAIL, "Ada@example.com", "ADA@EXAMPLE.COM", "adA@example.com", "ada@Example.com"] {
        scene.guess(&wrong(email), 1).await;
    }
    is_throttled(&scene.ask(&credentials("aDa@example.com", PASSWORD)).await, 30);
}

/// Checks before the password do not count as a try: otherwise any page could lock its visitors out.
#[tokio::test]
async fn what_is_turned_away_before_is_not_counted() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.sign_in().await;
    let contents = scene.stores.contents().await;
    let foreign = wrong(EMAIL).without("origin").header("origin", "https://evil.example");
    for (request, status) in [
        (foreign, 403),
        (browser.with_cookie(wrong(EMAIL)), 403),
        (wrong(EMAIL).text("{"), 400),
        (wrong(EMAIL).json(&json!({ "email": EMAIL })), 400),
        (wrong(EMAIL).cookie(scene::COOKIE, "a").cookie(scene::COOKIE, "b"), 400),
        (wrong(EMAIL).without("content-type"), 415),
        (wrong("ada"), 422),
        (credentials(EMAIL, ""), 422),
        (wrong(EMAIL).method("PUT"), 405),
    ] {
        for _ in 0..6 {
            assert_eq!(scene.ask(&request).await.status, status, "{request:?}");
        }
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// A sign-in through a provider has no password to guess.
#[tokio::test]
async fn a_start_at_a_provider_is_not_counted() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.begin().await;
    assert_eq!(scene.counters().await, 0);
}

/// ASVS 16.3.1.
#[tokio::test]
async fn a_throttled_try_is_one_event() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.guess(&wrong(EMAIL), 5).await;
    let logs = Logs::capture();
    scene.ask(&wrong(EMAIL)).await;
    assert_eq!(logs.event(), json!({ "event": "throttled", "reason": "too-many-attempts" }));
    assert!(!logs.text().contains("ada"), "{}", logs.text());
}

/// The person has shown the right password, and is signed in.
#[tokio::test]
async fn a_success_that_cannot_be_noted_is_a_success() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.stores.dynamo_proxy.break_all(Some("BatchWriteItem"), Fault::Fail);
    let reply = scene.ask(&credentials(EMAIL, PASSWORD)).await;
    assert_eq!(reply.status, 200);
    assert!(scene.sessions().authenticate(&token(&reply), session::Slide::No, scene.now).await.unwrap().is_some());
}

/// The stores failed, so these tries revealed nothing, and do not count against the owner.
#[tokio::test]
async fn tries_that_the_stores_failed_are_taken_back() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for _ in 0..10 {
        scene.stores.dynamo_proxy.break_all(Some("TransactWriteItems"), scene::Fault::Fail);
        assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 503);
        scene.stores.dynamo_proxy.heal();
    }
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 200);
}
