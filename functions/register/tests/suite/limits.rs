//! How often a client may ask. ASVS 2.4.1, 6.3.1.

use crate::support::{EMAIL, PASSWORD, Scene, proof, wanted};
use outbox::Outbox;
use scene::{Fault, Stores, now};
use serde_json::json;
use users::Challenge;

/// Asks until it is refused, and returns how often it was accepted.
async fn asked(scene: &Scene, from: &str) -> usize {
    for number in 0..20 {
        let reply = scene.ask(&wanted(EMAIL, PASSWORD).source_ip(from)).await;
        if reply.status == 429 {
            assert_eq!((&*reply.problem(), reply.header("retry-after")), ("too-many-attempts", Some("30")));
            return number;
        }
        assert_eq!(reply.status, 202);
    }
    panic!("nothing stops it");
}

#[tokio::test]
async fn one_address_gets_a_few_mails_and_then_waits() {
    let mut scene = Scene::new(Stores::without_redis().await, now());
    let mails = asked(&scene, "203.0.113.7").await;
    assert!((1..10).contains(&mails), "{mails}");
    assert_eq!(scene.letters().await.len(), mails, "what is refused makes no letter");
    let elsewhere = wanted("eve@example.com", PASSWORD);
    assert_eq!(scene.ask(&elsewhere).await.status, 202, "another person in the same office");
    scene.pass(31);
    assert_eq!(scene.ask(&wanted(EMAIL, PASSWORD)).await.status, 202);
}

/// ASVS 6.3.8: a throttled address with an account gets the same answer as one without.
#[tokio::test]
async fn a_refusal_does_not_tell_whether_there_is_an_account() {
    let [known, unknown] = [true, false].map(|known| async move {
        let scene = Scene::new(Stores::without_redis().await, scene::then());
        if known {
            scene.add(EMAIL, Some(PASSWORD)).await;
        }
        let mails = asked(&scene, "203.0.113.7").await;
        (mails, scene.ask(&wanted(EMAIL, PASSWORD)).await)
    });
    assert_eq!(known.await, unknown.await);
}

/// A person who looks for a good password asks for no mail.
#[tokio::test]
async fn a_password_that_is_refused_uses_up_no_mail() {
    let scene = Scene::new(Stores::without_redis().await, now());
    for _ in 0..20 {
        assert_eq!(scene.ask(&wanted(EMAIL, "password1234")).await.status, 422);
    }
    assert_eq!(scene.count("throttle").await, 1, "the address's judgements");
    assert_eq!(asked(&scene, "203.0.113.7").await, 5);
}

/// Judging is the most expensive operation that a stranger can request.
#[tokio::test]
async fn no_password_is_judged_for_an_address_that_had_too_many_judged() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let mut asked = 0;
    while asked <= 100 && scene.ask(&wanted(&format!("{asked}@example.com"), "password1234")).await.status == 422 {
        asked += 1;
    }
    assert_eq!(asked, 100);
    for password in ["password1234", PASSWORD] {
        let reply = scene.ask(&wanted(EMAIL, password)).await;
        assert_eq!((reply.status, reply.header("retry-after")), (429, Some("30")), "{password}");
    }
    let elsewhere = scene.ask(&wanted(EMAIL, PASSWORD).source_ip("198.51.100.9")).await;
    assert_eq!(elsewhere.status, 202, "from elsewhere it goes on");
}

/// Five answers of 503 are not five mails.
#[tokio::test]
async fn a_mail_that_the_stores_did_not_take_is_not_counted() {
    let mut scene = Scene::new(Stores::without_redis().await, now());
    let away = Stores::without_redis().await;
    away.dynamo_proxy.break_all(None, Fault::Fail);
    let outbox = std::mem::replace(&mut scene.function.outbox, Outbox::new(away.dynamo()));
    for _ in 0..6 {
        assert_eq!(scene.ask(&wanted(EMAIL, PASSWORD)).await.status, 503);
    }
    scene.function.outbox = outbox;
    assert_eq!(asked(&scene, "203.0.113.7").await, 5);
}

/// A request that is refused before it is understood does not count as a try.
#[tokio::test]
async fn forged_and_malformed_requests_are_not_counted() {
    let scene = Scene::new(Stores::without_redis().await, now());
    for request in [
        wanted(EMAIL, PASSWORD).without("origin").header("origin", "https://evil.example"),
        wanted(EMAIL, PASSWORD).text("{"),
        wanted("ada", PASSWORD),
        wanted(EMAIL, ""),
        wanted(EMAIL, PASSWORD).json(&json!({ "email": EMAIL, "password": PASSWORD, "name": "" })),
        proof(&Challenge::generate().unwrap()).without("origin").header("origin", "null"),
        proof(&Challenge::generate().unwrap()).json(&json!({ "token": 1 })),
    ] {
        assert!([400, 403, 422].contains(&scene.ask(&request).await.status));
    }
    assert_eq!(scene.count("throttle").await, 0);
}

#[tokio::test]
async fn floods_of_tokens_end() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let mail = scene.mailed(EMAIL).await;
    let made_up = proof(&Challenge::generate().unwrap());
    let mut statuses = Vec::new();
    while statuses.len() < 300 && statuses.last() != Some(&429) {
        statuses.push(scene.ask(&made_up).await.status);
    }
    assert_eq!(statuses.last(), Some(&429), "nothing stops it");
    assert!(statuses.len() > 20, "{}", statuses.len());
    let unreadable = scene.ask(&proof(&mail).json(&json!({ "token": "x" }))).await;
    assert_eq!(unreadable.status, 429, "whatever its form is");
    let elsewhere = scene.ask(&made_up.source_ip("198.51.100.9")).await;
    assert_eq!((elsewhere.status, &*elsewhere.problem()), (400, "link-expired"), "from elsewhere it goes on");
    assert_eq!(scene.ask(&proof(&mail)).await.status, 201, "and nobody pays for the bad tokens of others");
}

/// Many new people in one office are let in.
#[tokio::test]
async fn a_proof_that_is_one_is_not_counted() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let mail = scene.mailed(EMAIL).await;
    let counted = async || scene.stores.contents().await["test-throttle"].to_string();
    scene.ask(&proof(&Challenge::generate().unwrap())).await;
    scene.ask(&proof(&mail).json(&json!({ "token": "x" }))).await;
    assert!(counted().await.contains("\"tries\":2"), "{}", counted().await);
    let before = counted().await;
    assert_eq!(scene.ask(&proof(&mail)).await.status, 201);
    assert_eq!(counted().await, before);
}
