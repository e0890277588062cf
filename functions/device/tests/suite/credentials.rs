use crate::support::{EMAIL, PASSWORD, Scene, app, credentials, logout, refresh};
use futures_util::future::join_all;
use scene::{Stores, now};
use serde_json::json;

/// ASVS 2.4.1, 6.3.1: side by side or one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_guesses_at_once_get_five_answers() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let request = credentials(EMAIL, "another password");
    let statuses: Vec<_> =
        join_all((0..20).map(|_| scene.ask(&request))).await.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 15, "{statuses:?}");
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 429);
    let elsewhere = credentials(EMAIL, PASSWORD).source_ip("198.51.100.1");
    assert_eq!(scene.ask(&elsewhere).await.status, 200, "the owner, elsewhere");
}

#[tokio::test]
async fn success_clears_what_was_counted() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(scene.ask(&credentials(EMAIL, "another password")).await.status, 401);
        }
        scene.phone().await;
    }
}

/// 256 bits cannot be guessed; the limit is for floods, and holders of a valid token are not affected.
#[tokio::test]
async fn a_flood_of_dead_refresh_tokens_is_held_back_and_live_ones_are_not() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let token = scene.phone().await;
    for _ in 0..100 {
        assert_eq!(scene.ask(&refresh("dead")).await.status, 401);
    }
    let dead = format!("{0}.{0}", "A".repeat(43));
    for token in ["dead", &dead] {
        assert_eq!(scene.ask(&refresh(token)).await.status, 429);
    }
    assert_eq!(scene.ask(&refresh(&dead).source_ip("198.51.100.1")).await.status, 401);
    assert_eq!(scene.ask(&refresh(&token)).await.status, 200);
    assert_eq!(scene.ask(&logout(&token)).await.status, 204);
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
    scene.phone().await;
}

/// A request that cannot be a login is not counted as one.
#[tokio::test]
async fn bad_requests_are_not_counted() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for _ in 0..10 {
        let foreign = credentials(EMAIL, "another password").header("origin", "https://evil.example");
        assert_eq!(scene.ask(&foreign).await.status, 403);
        let nameless = app(crate::support::LOGIN, &json!({ "email": EMAIL, "password": "wrong", "device_name": "" }));
        assert_eq!(scene.ask(&nameless).await.status, 422);
    }
    scene.phone().await;
}

#[tokio::test]
async fn a_sign_in_from_a_new_place_is_told_by_mail() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.phone().await;
    assert!(scene.outbox().due(scene.now).await.unwrap().is_empty());
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD).source_ip("198.51.100.1")).await.status, 200);
    let [letter] = &scene.outbox().due(scene.now).await.unwrap()[..] else { panic!("one letter") };
    assert_eq!(letter.to, EMAIL);
}

/// A try is counted before the keys are looked at: a client that has to wait costs no more than the counters.
#[tokio::test]
async fn a_throttled_client_asks_for_no_key() {
    let mut scene = Scene::new(Stores::without_redis().await, now()).await;
    for _ in 0..5 {
        scene.ask(&credentials(EMAIL, "another password")).await;
    }
    scene.function = crate::support::function(&scene.stores);
    let scans = scene.stores.dynamo_proxy.calls_of("Scan");
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 429);
    assert_eq!(scene.stores.dynamo_proxy.calls_of("Scan"), scans);
}
