use crate::support::{ROUTE, Scene, function, scene, wrapping};
use scene::{Fault, KeyService, KmsFault, Stores, now, unavailable};

/// ASVS 16.5.1, 16.5.2: never 401, which would sign people out, and never a token.
#[tokio::test]
async fn without_stores_nothing_is_minted_and_nobody_is_signed_out() {
    let scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    scene.stores.go_away().await;
    unavailable(&scene.ask(&browser.post(ROUTE)).await);
}

/// A warm session does not help: there is no key to sign with.
#[tokio::test]
async fn without_keys_nothing_is_minted() {
    let scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    for operation in ["Scan", "PutItem"] {
        scene.stores.dynamo_proxy.break_all(Some(operation), Fault::Fail);
        unavailable(&scene.ask(&browser.post(ROUTE)).await);
        scene.stores.dynamo_proxy.heal();
    }
    assert_eq!(scene.ask(&browser.post(ROUTE)).await.status, 200, "no restart is needed");
}

/// A wrapped key waits for KMS, but only until it is unwrapped.
#[tokio::test]
async fn without_kms_a_wrapped_key_signs_nothing() {
    let (kms, scene) = (KeyService::start().await, scene(Stores::start().await, now()).await);
    let browser = scene.browser().await;
    let scene = Scene { function: wrapping(&scene.stores, &kms, &kms.key()), ..scene };
    for fault in [KmsFault::Fail, KmsFault::Hang, KmsFault::Deny] {
        kms.fault(Some(fault));
        unavailable(&scene.ask(&browser.post(ROUTE)).await);
    }
    kms.fault(None);
    assert_eq!(scene.ask(&browser.post(ROUTE)).await.status, 200, "no restart is needed");
    kms.fault(Some(KmsFault::Fail));
    assert_eq!(scene.ask(&browser.post(ROUTE)).await.status, 200, "it is open already");
}

/// A warm session does not help here either: the row decides.
#[tokio::test]
async fn without_the_row_nothing_is_minted() {
    let scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    scene.stores.dynamo_proxy.break_all(Some("GetItem"), Fault::Fail);
    unavailable(&scene.ask(&browser.post(ROUTE)).await);
}

#[tokio::test]
async fn without_redis_tokens_are_minted() {
    let scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    scene.stores.redis.as_ref().unwrap().kill9().await.unwrap();
    assert_eq!(scene.ask(&browser.post(ROUTE)).await.status, 200);
}

/// ASVS 2.2.1: an unreadable key signs nothing.
#[tokio::test]
async fn corrupt_keys_are_503() {
    for member in ["signs_from", "signs_until", "kid"] {
        let scene = scene(Stores::start().await, now()).await;
        let browser = scene.browser().await;
        scene.ask(&browser.post(ROUTE)).await;
        let keys = scene.stores.contents().await["test-signing_keys"].as_array().cloned().unwrap();
        for mut key in keys {
            key[member] = serde_json::json!([1]);
            scene.stores.put("signing_keys", &key).await;
        }
        let restarted = Scene { function: function(&scene.stores), ..scene };
        unavailable(&restarted.ask(&browser.post(ROUTE)).await);
    }
}
