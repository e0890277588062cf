//! ASVS 2.3.4, 15.4.1: tries side by side, as of many instances.

use crate::support::{ADA, HOME, Scene, sign_in};
use futures_util::future::join_all;
use testkit::Fault;
use throttle::{Error, Throttle, Try};

async fn burst(scene: &Scene, tried: &Try<'_>, times: usize, after: i64) -> Vec<Result<(), Error>> {
    let instances: Vec<_> = (0..times).map(|_| Throttle::new(scene.stores.dynamo())).collect();
    join_all(instances.iter().map(|instance| instance.take(tried, scene.at(after)))).await
}

#[tokio::test]
async fn fifty_guesses_at_once_let_exactly_five_through() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    let results = burst(&scene, &tried, 50, 0).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 5, "{results:?}");
    let refused = results.iter().filter(|result| matches!(result, Err(Error::TooMany(wait)) if wait.as_secs() == 30));
    assert_eq!(refused.count(), 45, "{results:?}");
    for scope in ["pair", "account", "address"] {
        assert_eq!(scene.tries(scope).await, Some(5), "{scope}: a refused try is not counted");
    }
}

#[tokio::test]
async fn fifty_guesses_at_the_end_of_a_wait_let_exactly_one_through() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.exhaust(&tried, 5, 0).await;
    let results = burst(&scene, &tried, 50, 30_000).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert_eq!(scene.take(&tried, 30_000).await, Err(60_000));
}

/// No try at what is shared is lost, and none waits for another.
#[tokio::test]
async fn all_tries_of_one_address_are_counted_at_once() {
    let scene = Scene::new().await;
    let tried = Try { account: None, ..sign_in(ADA, HOME) };
    for (after, first) in [(0, 1), (3_600_000, 2)] {
        // The second time there is a window to be replaced.
        if first == 2 {
            assert_eq!(scene.tries("address").await, Some(60));
        }
        let results = burst(&scene, &tried, 60, after).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(scene.tries("address").await, Some(60), "window {first}");
    }
    burst(&scene, &tried, 60, 3_600_000).await;
    assert!(scene.take(&tried, 3_600_000).await.unwrap_err() >= 30_000, "together they were too many");
}

/// Two round trips, and nothing that depends on the account.
#[tokio::test]
async fn a_try_is_one_read_and_one_write_for_each_counter() {
    let scene = Scene::new().await;
    let proxy = &scene.stores.dynamo_proxy;
    for account in [ADA, "nobody@example.com"] {
        let before = (proxy.calls(), proxy.calls_of("BatchGetItem"));
        scene.take(&sign_in(account, HOME), 0).await.unwrap();
        assert_eq!((proxy.calls() - before.0, proxy.calls_of("BatchGetItem") - before.1), (4, 1));
    }
    let before = proxy.calls();
    scene.exhaust(&sign_in(ADA, HOME), 4, 0).await;
    let counted = proxy.calls();
    assert_eq!(counted - before, 16);
    scene.take(&sign_in(ADA, HOME), 0).await.unwrap_err();
    assert_eq!(proxy.calls() - counted, 1, "a refusal writes nothing");
}

#[tokio::test]
async fn a_write_that_meets_a_transaction_is_tried_again() {
    let scene = Scene::new().await;
    scene.stores.dynamo_proxy.break_next("PutItem", &[Fault::Conflict, Fault::Conflict]);
    scene.take(&sign_in(ADA, HOME), 0).await.unwrap();
    assert_eq!(scene.tries("pair").await, Some(1));
    assert_eq!(scene.tries("address").await, Some(1), "and is not counted twice");
}
