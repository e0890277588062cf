//! ASVS 2.3.4, 15.4.1: tries side by side, as from many instances.

use crate::support::{ADA, End, HOME, Scene, elsewhere, refuse, sign_in};
use futures_util::future::join_all;
use testkit::Fault;
use throttle::{Error, Throttle, Try};

/// How many were allowed; the others were told to wait.
async fn burst(scene: &Scene, tries: impl IntoIterator<Item = Try<'_>>, after: i64) -> usize {
    let instance = async |tried| refuse(&Throttle::new(scene.stores.dynamo()), &tried, scene.at(after)).await;
    let ends = join_all(tries.into_iter().map(instance)).await;
    let (refused, others): (Vec<_>, Vec<_>) = ends.iter().partition(|end| matches!(end, Err(End::Refused)));
    let turned_away = |end: &&_| matches!(end, Err(End::Throttled(Error::TooMany(wait))) if wait.as_secs() <= 60);
    assert!(others.iter().all(turned_away), "{ends:?}");
    refused.len()
}

#[tokio::test]
async fn twenty_guesses_at_once_let_exactly_five_through() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    assert_eq!(burst(&scene, [tried; 20], 0).await, 5);
    for scope in ["pair", "account", "address"] {
        assert_eq!(scene.tries(scope).await, Some(5), "{scope}: a refused try is not counted");
    }
}

#[tokio::test]
async fn twenty_guesses_at_the_end_of_a_wait_let_exactly_one_through() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.exhaust(&tried, 5, 0).await;
    assert_eq!(burst(&scene, [tried; 20], 30_000).await, 1);
    assert_eq!(scene.take(&tried, 30_000).await, Err(60_000));
}

/// All of them share the account's counter.
#[tokio::test]
async fn twenty_guesses_from_twenty_networks_at_the_end_of_a_wait_let_exactly_one_through() {
    let scene = Scene::new().await;
    let networks: Vec<_> = (0..100).map(elsewhere).collect();
    for network in &networks {
        scene.take(&sign_in(ADA, network), 0).await.unwrap();
    }
    let tries = networks.iter().take(20).map(|network| sign_in(ADA, network));
    assert_eq!(burst(&scene, tries, 30_000).await, 1);
    assert_eq!(scene.tries("account").await, Some(101));
    let addresses = scene.rows().await.into_iter().filter(|(scope, _)| scope == "address");
    let tries: u64 = addresses.map(|(_, row)| row["tries"].as_u64().unwrap()).sum();
    assert_eq!(tries, 101, "what the account refuses does not count at the addresses");
}

/// Nor do tries slip past while their outcome is unknown.
#[tokio::test]
async fn guesses_under_way_are_counted() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    for n in 0..5 {
        assert_eq!(scene.abandon(&tried, 0).await, Ok(()), "try {n}");
    }
    assert_eq!(burst(&scene, [tried; 20], 14_999).await, 0);
    assert_eq!(burst(&scene, [tried; 20], 15_000).await, 5);
}

/// No try at a shared counter is lost, and none is refused because of another.
#[tokio::test]
async fn all_tries_of_one_address_are_counted_at_once() {
    let scene = Scene::new().await;
    let tried = Try { account: None, ..sign_in(ADA, HOME) };
    // The second time there is a window to replace.
    for after in [0, 3_600_000] {
        assert_eq!(burst(&scene, [tried; 20], after).await, 20);
        assert_eq!(scene.tries("address").await, Some(20), "after {after} ms");
    }
    scene.exhaust(&tried, 70, 3_600_000).await;
    assert_eq!(burst(&scene, [tried; 20], 3_600_000).await, 10);
    assert_eq!(scene.take(&tried, 3_600_000).await, Err(30_000), "together they were too many");
}

/// Two round trips before and one after, and nothing depends on the account.
#[tokio::test]
async fn a_try_is_one_read_and_two_writes_for_each_counter() {
    let scene = Scene::new().await;
    let proxy = &scene.stores.dynamo_proxy;
    for account in [ADA, "nobody@example.com"] {
        let before = (proxy.calls(), proxy.calls_of("BatchGetItem"));
        scene.take(&sign_in(account, HOME), 0).await.unwrap();
        assert_eq!((proxy.calls() - before.0, proxy.calls_of("BatchGetItem") - before.1), (7, 1));
    }
    let before = proxy.calls();
    scene.exhaust(&sign_in(ADA, HOME), 4, 0).await;
    let counted = proxy.calls();
    assert_eq!(counted - before, 28);
    scene.take(&sign_in(ADA, HOME), 0).await.unwrap_err();
    assert_eq!(proxy.calls() - counted, 1, "a refusal writes nothing");
    let refused = proxy.calls();
    scene.succeed(&sign_in(ADA, HOME), 30_000).await.unwrap();
    assert_eq!(proxy.calls() - refused, 6, "a success resets pair and account in one write");
    let succeeded = proxy.calls();
    scene.take(&sign_in(ADA, HOME), 30_000).await.unwrap();
    assert_eq!(proxy.calls() - succeeded, 3, "of a trusted pair nothing else is written");
}

/// The write that counts it tells what was there before, also if the try is not allowed.
#[tokio::test]
async fn a_try_with_one_counter_is_not_read_before_it_is_written() {
    let scene = Scene::new().await;
    let proxy = &scene.stores.dynamo_proxy;
    let tried = Try { account: None, ..sign_in(ADA, HOME) };
    scene.exhaust(&tried, 100, 0).await;
    assert_eq!((proxy.calls(), proxy.calls_of("UpdateItem")), (200, 200));
    assert_eq!(scene.take(&tried, 0).await, Err(30_000));
    assert_eq!((proxy.calls(), proxy.calls_of("UpdateItem")), (201, 201), "one that was refused");
    assert_eq!(scene.take(&tried, 30_000).await, Ok(()));
    assert_eq!((proxy.calls() - 201, proxy.calls_of("BatchGetItem")), (3, 0), "refused, replaced, settled");
}

/// What was not there is not deleted; what strangers have filled meanwhile is.
#[tokio::test]
async fn a_trusted_success_deletes_the_accounts_counter_if_there_is_one() {
    let scene = Scene::new().await;
    scene.succeed(&sign_in(ADA, HOME), 0).await.unwrap();
    for (strangers, deleted) in [(0, false), (1, true)] {
        for n in 0..strangers {
            scene.take(&sign_in(ADA, &elsewhere(n)), 0).await.unwrap();
        }
        scene.stores.dynamo_proxy.record();
        scene.succeed(&sign_in(ADA, HOME), 0).await.unwrap();
        let sent = String::from_utf8(scene.stores.dynamo_proxy.recorded()).unwrap();
        assert_eq!(sent.contains("DeleteRequest"), deleted, "{sent}");
        assert_eq!(scene.tries("account").await, None);
    }
}

#[tokio::test]
async fn a_write_that_meets_a_transaction_is_tried_again() {
    let scene = Scene::new().await;
    scene.stores.dynamo_proxy.break_next("UpdateItem", &[Fault::Conflict, Fault::Conflict]);
    scene.take(&sign_in(ADA, HOME), 0).await.unwrap();
    assert_eq!(scene.tries("pair").await, Some(1));
    assert_eq!(scene.tries("address").await, Some(1), "and is not counted twice");
}
