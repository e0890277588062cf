use crate::support::{EMAIL, NEW, PASSWORD, Scene, change, confirm, forgotten, token};
use scene::{Fault, RedisFault, Stores, now, on_both_stores, unavailable};

/// ASVS 16.5.1, 16.5.2: never 401, which would sign people out, and never a success.
#[tokio::test]
async fn without_stores_nothing_is_promised() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, mail) = (scene.browser().await, scene.mailed(EMAIL).await);
    scene.stores.go_away().await;
    for request in [change(&browser, PASSWORD, NEW), forgotten(EMAIL), confirm(&mail, NEW)] {
        unavailable(&scene.ask(&request).await);
    }
}

/// After any failure, the same request again finishes it.
#[tokio::test]
async fn each_call_to_dynamodb_that_fails_is_503_and_a_repeat_finishes() {
    for operation in ["GetItem", "BatchGetItem", "TransactGetItems", "TransactWriteItems", "UpdateItem"] {
        for fault in [Fault::Fail, Fault::Throttle] {
            let scene = Scene::new(Stores::start().await, now()).await;
            let request = confirm(&scene.mailed(EMAIL).await, NEW);
            scene.stores.dynamo_proxy.break_all(Some(operation), fault);
            // A mailed token has one counter, which is not read before it is written.
            if operation != "BatchGetItem" {
                unavailable(&scene.ask(&request).await);
                scene.stores.dynamo_proxy.heal();
            }
            assert_eq!(scene.ask(&request).await.status, 204, "{operation}");
            scene.stores.dynamo_proxy.heal();
            let browser = scene.browser().await;
            let request = change(&browser, NEW, PASSWORD);
            scene.stores.dynamo_proxy.break_all(Some(operation), fault);
            unavailable(&scene.ask(&request).await);
            scene.stores.dynamo_proxy.heal();
            let reply = scene.ask(&request).await;
            assert_eq!(reply.status, 200, "{operation}: {reply:?}");
            assert!(scene.lives(&token(&reply)).await && scene.opens(PASSWORD).await);
        }
    }
}

/// Committed in DynamoDB, but Redis still serves the ended sessions: it is not done, and the repeat does it.
#[tokio::test]
async fn a_redis_that_fails_is_503_and_a_repeat_finishes() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let redis = scene.stores.redis_proxy.as_ref().unwrap();
    let (browser, other) = (scene.browser().await, scene.browser().await);
    redis.break_all(Some("SET"), RedisFault::Close);
    unavailable(&scene.ask(&change(&browser, PASSWORD, NEW)).await);
    redis.heal();
    assert_eq!(scene.ask(&change(&browser, PASSWORD, NEW)).await.status, 200);
    assert!(!scene.lives(&browser.token).await && !scene.lives(&other.token).await);

    let (other, mail) = (scene.browser().await, scene.mailed(EMAIL).await);
    redis.break_all(Some("SET"), RedisFault::Close);
    unavailable(&scene.ask(&confirm(&mail, PASSWORD)).await);
    redis.heal();
    assert_eq!(scene.ask(&confirm(&mail, PASSWORD)).await.status, 204);
    assert!(!scene.lives(&other.token).await);
}

on_both_stores! {
    /// Committed, but the answer of the store was lost.
    async fn a_repeat_finishes_what_was_committed_unseen(stores) {
        let scene = Scene::new(stores, now()).await;
        let (browser, other) = (scene.browser().await, scene.browser().await);
        scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::LoseAnswer; 3]);
        let request = change(&browser, PASSWORD, NEW);
        unavailable(&scene.ask(&request).await);
        assert_eq!(scene.epoch().await, 1, "it is committed");
        let reply = scene.ask(&request).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert!(scene.lives(&token(&reply)).await && !scene.lives(&other.token).await);
        assert!(scene.opens(NEW).await);

        let mail = scene.mailed(EMAIL).await;
        scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::LoseAnswer; 3]);
        unavailable(&scene.ask(&confirm(&mail, PASSWORD)).await);
        assert_eq!(scene.ask(&confirm(&mail, PASSWORD)).await.status, 204);
        assert!(!scene.lives(&token(&reply)).await && scene.opens(PASSWORD).await);
        assert_eq!(scene.epoch().await, 2);
    }
}

/// Killed between any two commands: the old password or the new one works, never both, never neither; and a repeat
/// finishes.
#[tokio::test]
async fn a_change_that_is_killed_happened_or_did_not() {
    let mut finished = false;
    for commands in 0..40 {
        let scene = Scene::new(Stores::start().await, now()).await;
        let (browser, other) = (scene.browser().await, scene.browser().await);
        let request = change(&browser, PASSWORD, NEW);
        let reply = scene.stores.killed_after(commands, scene.ask(&request)).await;
        let changed = scene.epoch().await == 1;
        assert_eq!((scene.opens(PASSWORD).await, scene.opens(NEW).await), (!changed, changed), "{commands}");
        if reply.is_some_and(|reply| reply.status == 200) {
            finished = true;
            break;
        }
        let repeat = scene.ask(&request).await;
        assert_eq!(repeat.status, 200, "{commands}: {repeat:?}");
        assert!(scene.lives(&token(&repeat)).await && !scene.lives(&browser.token).await, "{commands}");
        assert!(!scene.lives(&other.token).await && scene.opens(NEW).await, "{commands}");
        assert_eq!(scene.letters().await.len(), 1, "{commands}");
    }
    assert!(finished, "it takes more commands than were tried");
}

#[tokio::test]
async fn a_confirmation_that_is_killed_happened_or_did_not() {
    let mut finished = false;
    for commands in 0..30 {
        let scene = Scene::new(Stores::start().await, now()).await;
        let (other, mail) = (scene.browser().await, scene.mailed(EMAIL).await);
        let reply = scene.stores.killed_after(commands, scene.ask(&confirm(&mail, NEW))).await;
        let changed = scene.epoch().await == 1;
        assert_eq!((scene.opens(PASSWORD).await, scene.opens(NEW).await), (!changed, changed), "{commands}");
        if reply.is_some_and(|reply| reply.status == 204) {
            finished = true;
            break;
        }
        let repeat = scene.ask(&confirm(&mail, NEW)).await;
        assert_eq!(repeat.status, 204, "{commands}: {repeat:?}");
        assert!(!scene.lives(&other.token).await && scene.opens(NEW).await, "{commands}");
        assert_eq!(scene.letters().await.len(), 1, "{commands}");
    }
    assert!(finished, "it takes more commands than were tried");
}

/// ASVS 2.2.1, 15.3.3.
#[tokio::test]
async fn corrupt_rows_set_no_password() {
    for (table, member) in [
        ("challenges", "email"),
        ("challenges", "expires_at"),
        ("user_identities", "password_hash"),
        ("users", "status"),
    ] {
        let scene = Scene::new(Stores::without_redis().await, now()).await;
        let mail = scene.mailed(EMAIL).await;
        let mut row = scene.stores.contents().await[&format!("test-{table}")][0].clone();
        row[member] = serde_json::json!([{ "odd": true }]);
        scene.stores.put(table, &row).await;
        unavailable(&scene.ask(&confirm(&mail, NEW)).await);
    }
}
