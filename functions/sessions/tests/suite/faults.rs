use crate::support::{ALL, Scene, end, end_others};
use scene::{Fault, RedisFault, Stores, now, unavailable};

/// ASVS 16.5.1, 16.5.2.
#[tokio::test]
async fn without_stores_nothing_is_told_and_nothing_ends() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, other) = (scene.browser_of("ada").await, scene.browser_of("ada").await);
    scene.stores.go_away().await;
    for request in [browser.get(ALL), end(&browser, other.token.id().as_str()), end_others(&browser)] {
        unavailable(&scene.ask(&request).await);
    }
}

#[tokio::test]
async fn each_call_to_dynamodb_that_fails_fails_the_request() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, other) = (scene.browser_of("ada").await, scene.browser_of("ada").await);
    scene.stores.dynamo_proxy.break_all(Some("BatchGetItem"), Fault::Throttle);
    unavailable(&scene.ask(&browser.get(ALL)).await);
    scene.stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Throttle);
    unavailable(&scene.ask(&end_others(&browser)).await);
    unavailable(&scene.ask(&end(&browser, other.token.id().as_str())).await);
    scene.stores.dynamo_proxy.break_all(Some("GetItem"), Fault::Fail);
    unavailable(&scene.ask(&end(&browser, other.token.id().as_str())).await);
    scene.stores.dynamo_proxy.heal();
    assert!(scene.lives(&other.token).await);
    assert_eq!(scene.ask(&end_others(&browser)).await.status, 204, "no restart is needed");
}

/// The answer is 204 only when it is true: until then the repeat continues where the first try stopped.
#[tokio::test]
async fn an_ending_that_redis_did_not_take_is_503_and_the_repeat_finishes() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser_of("ada").await;
    let redis = scene.stores.redis_proxy.as_ref().unwrap();
    for all in [false, true] {
        let other = scene.browser_of("ada").await;
        let request = if all { end_others(&browser) } else { end(&browser, other.token.id().as_str()) };
        redis.break_all(None, RedisFault::Close);
        unavailable(&scene.ask(&request).await);
        redis.heal();
        assert_eq!(scene.ask(&request).await.status, 204);
        assert!(!scene.lives(&other.token).await);
    }
}
