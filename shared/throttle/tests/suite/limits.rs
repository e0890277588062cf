//! ASVS 2.4.1, 6.3.1: each limit at its edge.

use crate::support::{ADA, HOME, Scene, elsewhere, sign_in};
use throttle::{Purpose, Try};

const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn a_pair_has_five_free_tries_and_then_waits_30_seconds_doubling_up_to_15_minutes() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.exhaust(&tried, 5, 0).await;
    let mut at = 0;
    for seconds in [30, 60, 120, 240, 480, 900, 900, 900] {
        assert_eq!(scene.take(&tried, at).await, Err(seconds * 1000));
        at += seconds * 1000;
        assert_eq!(scene.take(&tried, at - 1).await, Err(1), "to the millisecond");
        assert_eq!(scene.take(&tried, at).await, Ok(()));
    }
}

#[tokio::test]
async fn a_refused_try_is_not_counted_and_extends_nothing() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.exhaust(&tried, 5, 0).await;
    let rows = scene.rows().await;
    for after in 0..20 {
        assert_eq!(scene.take(&tried, after * 1000).await, Err(30_000 - after * 1000));
    }
    assert_eq!(scene.rows().await, rows);
    assert_eq!(scene.take(&tried, 30_000).await, Ok(()));
}

/// An account is tried from many addresses; an address tries many accounts.
#[tokio::test]
async fn an_account_has_100_free_tries_from_everywhere() {
    let scene = Scene::new().await;
    for n in 0..100 {
        assert_eq!(scene.take(&sign_in(ADA, &elsewhere(n)), 0).await, Ok(()), "try {n}");
    }
    assert_eq!(scene.take(&sign_in(ADA, HOME), 0).await, Err(30_000));
    assert_eq!(scene.take(&sign_in("eve@example.com", HOME), 0).await, Ok(()), "others do not wait");
    assert_eq!(scene.take(&sign_in(ADA, HOME), 30_000).await, Ok(()));
    assert_eq!(scene.take(&sign_in(ADA, HOME), 30_000).await, Err(60_000));
}

#[tokio::test]
async fn an_address_has_100_free_tries_at_all_accounts() {
    let scene = Scene::new().await;
    for n in 0..100 {
        assert_eq!(scene.take(&sign_in(&format!("{n}@example.com"), HOME), 0).await, Ok(()), "try {n}");
    }
    assert_eq!(scene.take(&sign_in(ADA, HOME), 0).await, Err(30_000));
    assert_eq!(scene.take(&sign_in(ADA, &elsewhere(0)), 0).await, Ok(()), "others do not wait");
    let tried = Try { account: None, ..sign_in(ADA, HOME) };
    assert_eq!(scene.take(&tried, 0).await, Err(30_000), "with or without an account");
}

#[tokio::test]
async fn mails_and_tokens_have_limits_of_their_own() {
    for purpose in [Purpose::Register, Purpose::Reset] {
        let scene = Scene::new().await;
        let take = async |account: &str, address: &str| {
            scene.take(&Try { purpose, account: Some(account), address: Some(address) }, 0).await
        };
        for n in 0..5 {
            assert_eq!(take(ADA, HOME).await, Ok(()), "try {n}");
        }
        assert_eq!(take(ADA, HOME).await, Err(30_000), "the pair");
        for n in 5..10 {
            assert_eq!(take(ADA, &elsewhere(n)).await, Ok(()), "try {n}");
        }
        assert_eq!(take(ADA, "192.0.2.1").await, Err(30_000), "the account");
        for n in 5..30 {
            assert_eq!(take(&format!("{n}@example.com"), HOME).await, Ok(()), "try {n}");
        }
        assert_eq!(take("eve@example.com", HOME).await, Err(30_000), "the address");
    }
    let scene = Scene::new().await;
    let token = Try { purpose: Purpose::Token, account: None, address: Some(HOME) };
    scene.exhaust(&token, 100, 0).await;
    assert_eq!(scene.take(&token, 0).await, Err(30_000));
}

#[tokio::test]
async fn one_purpose_does_not_count_for_another() {
    let scene = Scene::new().await;
    let with = |purpose| Try { purpose, account: Some(ADA), address: Some(HOME) };
    scene.exhaust(&with(Purpose::Reset), 5, 0).await;
    assert_eq!(scene.take(&with(Purpose::Reset), 0).await, Err(30_000));
    scene.exhaust(&with(Purpose::Register), 5, 0).await;
    scene.exhaust(&with(Purpose::SignIn), 5, 0).await;
    scene.exhaust(&with(Purpose::Token), 5, 0).await;
}

/// The reported wait is the longest one of all counters.
#[tokio::test]
async fn the_longest_wait_wins() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.exhaust(&tried, 5, 0).await;
    for n in 0..95 {
        assert_eq!(scene.take(&sign_in(&format!("{n}@example.com"), HOME), 10_000).await, Ok(()), "try {n}");
    }
    assert_eq!(scene.take(&tried, 10_000).await, Err(30_000), "the address waits longer than the pair");
    assert_eq!(scene.take(&tried, 30_000).await, Err(10_000));
    assert_eq!(scene.take(&tried, 40_000).await, Ok(()));
    assert_eq!(scene.take(&tried, 40_000).await, Err(60_000), "both");
}

/// The window begins with the first counted try, and does not move.
#[tokio::test]
async fn a_window_is_fixed_and_over_to_the_millisecond() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.take(&tried, 0).await.unwrap();
    scene.exhaust(&tried, 3, 24 * HOUR - 1).await;
    assert_eq!(scene.tries("pair").await, Some(4));
    scene.take(&tried, 24 * HOUR).await.unwrap();
    assert_eq!((scene.tries("pair").await, scene.tries("account").await), (Some(1), Some(1)));
    scene.exhaust(&tried, 4, 24 * HOUR).await;
    assert_eq!(scene.take(&tried, 24 * HOUR).await, Err(30_000));
}

#[tokio::test]
async fn an_address_starts_anew_after_an_hour_to_the_millisecond() {
    let scene = Scene::new().await;
    let tried = Try { account: None, ..sign_in(ADA, HOME) };
    scene.exhaust(&tried, 2, 0).await;
    scene.take(&tried, HOUR - 1).await.unwrap();
    assert_eq!(scene.tries("address").await, Some(3));
    scene.take(&tried, HOUR).await.unwrap();
    assert_eq!(scene.tries("address").await, Some(1));
    scene.exhaust(&tried, 99, HOUR).await;
    assert_eq!(scene.take(&tried, HOUR).await, Err(30_000));
}

/// Otherwise a client that waits for the end of the window gets five more at once.
#[tokio::test]
async fn a_wait_outlasts_the_window_in_which_it_began() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.exhaust(&tried, 4, 0).await;
    scene.take(&tried, 24 * HOUR - 10_000).await.unwrap();
    assert_eq!(scene.take(&tried, 24 * HOUR).await, Err(20_000));
    scene.exhaust(&tried, 5, 24 * HOUR + 20_000).await;
}
