//! Every answer that the contract documents, whole.

use crate::Scene;
use insta::assert_snapshot;
use scene::{Fault, Stores};

#[tokio::test]
async fn both_stores_are_200() {
    assert_snapshot!(Scene::new().await.ask().await);
}

#[tokio::test]
async fn dynamodb_alone_is_200() {
    assert_snapshot!(Scene::on(Stores::without_redis().await).ask().await);
}

#[tokio::test]
async fn redis_that_is_gone_is_503() {
    let scene = Scene::new().await;
    scene.stores.redis.as_ref().unwrap().kill9().await.unwrap();
    assert_snapshot!(scene.ask().await);
}

#[tokio::test]
async fn dynamodb_that_fails_is_503() {
    let scene = Scene::new().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert_snapshot!(scene.ask().await);
}

#[tokio::test]
async fn no_store_at_all_is_503() {
    let scene = Scene::new().await;
    scene.stores.go_away().await;
    assert_snapshot!(scene.ask().await);
}

#[tokio::test]
async fn dynamodb_alone_that_fails_is_503() {
    let scene = Scene::on(Stores::without_redis().await);
    scene.stores.go_away().await;
    assert_snapshot!(scene.ask().await);
}
