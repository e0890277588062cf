use crate::support::{LIST, Scene, removal};
use scene::{Fault, Stores, now, unavailable};
use serde_json::json;

/// ASVS 16.5.1, 16.5.2: never 401, which would sign people out, and never an empty list.
#[tokio::test]
async fn without_stores_nothing_is_told_and_nobody_is_signed_out() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, id) = (scene.browser().await, scene.linked().await);
    scene.stores.go_away().await;
    unavailable(&scene.ask(&browser.get(LIST)).await);
    unavailable(&scene.ask(&removal(&browser, &id)).await);
}

#[tokio::test]
async fn each_call_that_fails_takes_nothing_away() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, id) = (scene.browser().await, scene.linked().await);
    for operation in ["Query", "TransactWriteItems"] {
        scene.stores.dynamo_proxy.break_all(Some(operation), Fault::Fail);
        unavailable(&scene.ask(&removal(&browser, &id)).await);
        scene.stores.dynamo_proxy.heal();
    }
    let listed = scene.ask(&browser.get(LIST)).await.json();
    assert_eq!(listed["identities"].as_array().map(Vec::len), Some(2), "no restart is needed");
}

#[tokio::test]
async fn without_redis_ways_are_told_and_taken_away() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, id) = (scene.browser().await, scene.linked().await);
    scene.stores.redis.as_ref().unwrap().kill9().await.unwrap();
    assert_eq!(scene.ask(&browser.get(LIST)).await.status, 200);
    assert_eq!(scene.ask(&removal(&browser, &id)).await.status, 204);
}

/// ASVS 2.2.1: an unreadable row is not the same as an absent one.
#[tokio::test]
async fn corrupt_rows_are_503() {
    for member in ["verified", "created_at", "provider"] {
        let scene = Scene::new(Stores::without_redis().await, now()).await;
        let (browser, id) = (scene.browser().await, scene.linked().await);
        let key = ("identity", "oidc#https://id.example#ada");
        scene.stores.change("user_identities", key, |row| row[member] = json!([{ "odd": true }])).await;
        unavailable(&scene.ask(&browser.get(LIST)).await);
        unavailable(&scene.ask(&removal(&browser, &id)).await);
    }
}
