use crate::support::{ROUTES, Scene};
use scene::{Fault, RedisFault, Stores, now, unavailable};

/// The cookie stays, so that the person can try again.
/// ASVS 16.5.1, 16.5.2.
#[tokio::test]
async fn without_stores_nothing_is_reported_as_ended() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    scene.stores.go_away().await;
    for route in ROUTES {
        unavailable(&scene.ask(&browser.post(route)).await);
    }
}

#[tokio::test]
async fn without_dynamodb_nothing_is_reported_as_ended() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    // A sign-out here reads nothing first.
    for (operation, routes) in
        [(Some("UpdateItem"), &ROUTES[..1]), (Some("GetItem"), &ROUTES[1..]), (None, &ROUTES[..])]
    {
        scene.stores.dynamo_proxy.break_all(operation, Fault::Fail);
        for route in routes {
            unavailable(&scene.ask(&browser.post(route)).await);
        }
        scene.stores.dynamo_proxy.heal();
    }
    assert!(scene.lives(&browser.token).await);
    assert_eq!(scene.ask(&browser.post("/logout")).await.status, 204, "no restart is needed");
}

/// Redis would continue to serve it: an ending is reported only when it is complete everywhere.
#[tokio::test]
async fn without_redis_an_end_is_not_reported_and_a_repeat_finishes_it() {
    for route in ROUTES {
        let scene = Scene::new(Stores::start().await, now()).await;
        let browser = scene.browser().await;
        let redis = scene.stores.redis_proxy.as_ref().unwrap();
        redis.break_all(None, RedisFault::Close);
        unavailable(&scene.ask(&browser.post(route)).await);
        redis.heal();
        assert_eq!(scene.ask(&browser.post(route)).await.status, 204, "{route}");
        assert!(!scene.lives(&browser.token).await);
    }
}

/// ASVS 2.2.1: an unreadable row does not prove that the session is dead.
#[tokio::test]
async fn corrupt_rows_end_nothing() {
    for member in ["auth_method", "email_verified", "idle_expires_at", "kind", "scopes"] {
        let scene = Scene::new(Stores::without_redis().await, now()).await;
        let browser = scene.browser().await;
        let id = browser.token.id();
        scene.stores.change("sessions", ("session_id", id.as_str()), |row| row[member] = serde_json::json!([1])).await;
        for route in ROUTES {
            unavailable(&scene.ask(&browser.post(route)).await);
        }
    }
}
