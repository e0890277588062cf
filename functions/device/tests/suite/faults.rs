use crate::support::{EMAIL, PASSWORD, Scene, credentials, logout, member, refresh, wrapping};
use scene::{Fault, KeyService, KmsFault, Stores, now, unavailable};

/// ASVS 16.5.1, 16.5.2: and no token or session is lost by it.
#[tokio::test]
async fn each_call_to_dynamodb_that_fails_fails_the_request_and_nobody_is_signed_out() {
    let mut scene = Scene::new(Stores::without_redis().await, now()).await;
    let mut token = scene.phone().await;
    for operation in ["BatchGetItem", "PutItem", "GetItem", "TransactGetItems", "TransactWriteItems"] {
        scene.stores.dynamo_proxy.break_all(Some(operation), Fault::Fail);
        unavailable(&scene.ask(&credentials(EMAIL, PASSWORD)).await);
        scene.stores.dynamo_proxy.heal();
    }
    for operation in ["GetItem", "UpdateItem"] {
        scene.pass(30);
        scene.stores.dynamo_proxy.break_all(Some(operation), Fault::Throttle);
        unavailable(&scene.ask(&refresh(&token)).await);
        scene.stores.dynamo_proxy.heal();
        token = member(&scene.ask(&refresh(&token)).await, "refresh_token");
    }
    scene.stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
    unavailable(&scene.ask(&logout(&token)).await);
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.ask(&logout(&token)).await.status, 204);
}

/// No client got its token.
#[tokio::test]
async fn a_login_without_a_jwt_leaves_no_device_behind() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.stores.dynamo_proxy.break_all(Some("Scan"), Fault::Fail);
    unavailable(&scene.ask(&credentials(EMAIL, PASSWORD)).await);
    scene.stores.dynamo_proxy.heal();
    assert!(scene.sessions().list(&scene.user_id, scene.now).await.unwrap().is_empty());
}

/// However long the keys are missing: a token is not spent before it is known that a JWT can be made.
#[tokio::test]
async fn a_refresh_without_a_jwt_spends_nothing() {
    let mut scene = Scene::new(Stores::without_redis().await, now()).await;
    let token = scene.phone().await;
    scene.pass(30);
    scene.function = crate::support::function(&scene.stores);
    scene.stores.dynamo_proxy.break_all(Some("Scan"), Fault::Fail);
    unavailable(&scene.ask(&refresh(&token)).await);
    scene.stores.dynamo_proxy.heal();
    scene.pass(3600);
    let next = member(&scene.ask(&refresh(&token)).await, "refresh_token");
    assert_ne!(next, token);
    assert_eq!(scene.ask(&refresh(&next)).await.status, 200);
}

/// A key wrapped by KMS is fetched as early as an unwrapped one.
#[tokio::test]
async fn a_refresh_without_kms_spends_nothing() {
    let (kms, mut scene) = (KeyService::start().await, Scene::new(Stores::without_redis().await, now()).await);
    let key_id = kms.key();
    scene.function = wrapping(&scene.stores, &kms, &key_id);
    let token = scene.phone().await;
    scene.pass(30);
    scene.function = wrapping(&scene.stores, &kms, &key_id);
    kms.fault(Some(KmsFault::Fail));
    unavailable(&scene.ask(&refresh(&token)).await);
    kms.fault(None);
    scene.pass(3600);
    let next = member(&scene.ask(&refresh(&token)).await, "refresh_token");
    assert_ne!(next, token);
    assert_eq!(scene.ask(&refresh(&next)).await.status, 200);
}

/// A device has no hot copy.
#[tokio::test]
async fn without_redis_nothing_is_missing() {
    let mut scene = Scene::new(Stores::start().await, now()).await;
    scene.stores.redis.as_ref().unwrap().kill9().await.unwrap();
    let token = scene.phone().await;
    scene.pass(30);
    let token = member(&scene.ask(&refresh(&token)).await, "refresh_token");
    assert_eq!(scene.ask(&logout(&token)).await.status, 204);
}
