//! Tries with an unknown outcome. ASVS 16.5.2, 16.5.3.

use crate::support::{ADA, End, HOME, Scene, sign_in};
use testkit::Fault;
use throttle::{Error, Purpose, Try};

/// The stores failed, so the try revealed nothing.
#[tokio::test]
async fn a_try_that_came_to_nothing_is_taken_back() {
    for purpose in [Purpose::SignIn, Purpose::Register, Purpose::Reset] {
        let scene = Scene::new().await;
        let tried = Try { purpose, ..sign_in(ADA, HOME) };
        for _ in 0..20 {
            assert_eq!(scene.fail(&tried, 0).await, Ok(()), "{purpose:?}");
        }
        for scope in ["pair", "account", "address"] {
            assert_eq!(scene.tries(scope).await, Some(0), "{scope}");
        }
    }
}

/// The request took too long, or the process died.
#[tokio::test]
async fn a_try_that_was_abandoned_weighs_for_15_seconds() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.exhaust(&tried, 4, 0).await;
    scene.abandon(&tried, 1_000).await.unwrap();
    assert_eq!(scene.take(&tried, 1_000).await, Err(15_000));
    assert_eq!(scene.take(&tried, 15_999).await, Err(1));
    assert_eq!(scene.take(&tried, 16_000).await, Ok(()));
    assert_eq!(scene.take(&tried, 16_000).await, Err(30_000), "five were refused");
    assert_eq!(scene.tries("pair").await, Some(5), "what weighs nothing is not kept");
}

/// Nor does it prolong a wait that was there before.
#[tokio::test]
async fn a_try_that_was_abandoned_at_the_end_of_a_wait_weighs_for_15_seconds() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.exhaust(&tried, 5, 0).await;
    scene.abandon(&tried, 30_000).await.unwrap();
    assert_eq!(scene.take(&tried, 30_000).await, Err(15_000));
    scene.abandon(&tried, 45_000).await.unwrap();
    assert_eq!(scene.take(&tried, 60_000).await, Ok(()));
    assert_eq!(scene.take(&tried, 60_000).await, Err(60_000), "six were refused");
}

/// Otherwise each end of a window would give two extra guesses.
#[tokio::test]
async fn a_try_under_way_counts_in_the_window_that_begins_meanwhile() {
    const DAY: i64 = 24 * 3_600_000;
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.take(&tried, 0).await.unwrap();
    scene.abandon(&tried, DAY - 1).await.unwrap();
    scene.exhaust(&tried, 4, DAY).await;
    assert_eq!(scene.take(&tried, DAY).await, Err(14_999));
}

/// Otherwise a guess is free while the store fails in part.
#[tokio::test]
async fn an_outcome_that_cannot_be_counted_is_not_told() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    let broken = async {
        scene.stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
        Err::<(), _>(End::Refused)
    };
    let told = scene.throttle.attempt(&tried, scene.at(0), broken).await;
    assert!(matches!(told, Err(End::Throttled(Error::Store(_)))), "{told:?}");
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.tries("pair").await, Some(1), "for 15 seconds");
    scene.exhaust(&tried, 5, 15_000).await;
    assert_eq!(scene.take(&tried, 15_000).await, Err(30_000));
}

/// For example after a freeze: another try may have been allowed in its place.
#[tokio::test]
async fn an_outcome_that_comes_after_its_lease_is_not_told() {
    let scene = Scene::new().await;
    let frozen = async {
        tokio::time::pause();
        tokio::time::advance(std::time::Duration::from_secs(15)).await;
        tokio::time::resume();
        Err::<(), _>(End::Refused)
    };
    let told = scene.throttle.attempt(&sign_in(ADA, HOME), scene.at(0), frozen).await;
    assert!(matches!(told, Err(End::Throttled(Error::Lapsed))), "{told:?}");
}

/// The call was made, even if it had no result.
#[tokio::test]
async fn work_weighs_for_15_seconds_though_nothing_came_of_it() {
    for purpose in [Purpose::Exchange, Purpose::Token] {
        let scene = Scene::new().await;
        let tried = Try { purpose, account: None, address: Some(HOME) };
        for n in 0..100 {
            assert_eq!(scene.fail(&tried, 0).await, Ok(()), "{purpose:?}, try {n}");
        }
        assert_eq!(scene.fail(&tried, 0).await, Err(15_000), "{purpose:?}");
        assert_eq!(scene.fail(&tried, 15_000).await, Ok(()), "{purpose:?}");
    }
}

/// The SDK repeats a call that got an error, though it was executed.
#[tokio::test]
async fn a_lost_answer_counts_nothing_twice_and_nothing_never() {
    let scene = Scene::new().await;
    let (tried, proxy) = (sign_in(ADA, HOME), &scene.stores.dynamo_proxy);
    // Never three in a row, after which the SDK gives up.
    let lost = [Fault::LoseAnswer; 2];
    for n in 1..=5 {
        proxy.break_next("UpdateItem", &lost);
        let refused = async {
            proxy.break_next("UpdateItem", &lost);
            Err::<(), _>(End::Refused)
        };
        let ended = scene.throttle.attempt(&tried, scene.at(0), refused).await;
        assert!(matches!(ended, Err(End::Refused)), "{ended:?}");
        for scope in ["pair", "account", "address"] {
            assert_eq!(scene.tries(scope).await, Some(n), "{scope}");
        }
    }
    assert_eq!(scene.take(&tried, 0).await, Err(30_000));
    proxy.break_next("PutItem", &lost);
    assert_eq!(scene.take(&tried, 30_000).await, Ok(()), "at the end of a wait");
    assert_eq!(scene.tries("pair").await, Some(6));
    let failed = async {
        proxy.break_next("UpdateItem", &lost);
        Err::<(), _>(End::Failed)
    };
    let ended = scene.throttle.attempt(&sign_in("eve@example.com", HOME), scene.at(0), failed).await;
    assert!(matches!(ended, Err(End::Failed)), "{ended:?}");
    assert_eq!(scene.tries("address").await, Some(6), "nor is anything taken back twice");
}
