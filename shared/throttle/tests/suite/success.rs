//! What a success takes back, and what it does not.

use crate::support::{ADA, HOME, Scene, elsewhere, sign_in};
use testkit::{Fault, Logs};
use throttle::{Purpose, Try};

#[tokio::test]
async fn a_success_gives_the_pair_and_the_account_a_new_start() {
    let scene = Scene::new().await;
    for n in 0..50 {
        scene.take(&sign_in(ADA, &elsewhere(n)), 0).await.unwrap();
    }
    scene.exhaust(&sign_in(ADA, HOME), 4, 0).await;
    scene.succeed(&sign_in(ADA, HOME), 1).await.unwrap();
    assert_eq!(scene.tries("account").await, None);
    scene.exhaust(&sign_in(ADA, HOME), 5, 2).await;
    assert_eq!(scene.take(&sign_in(ADA, HOME), 2).await, Err(30_000));
}

/// The window of the following tries begins with the first of them.
#[tokio::test]
async fn a_success_begins_no_window() {
    const HOURS: i64 = 3_600_000;
    let scene = Scene::new().await;
    scene.succeed(&sign_in(ADA, HOME), 0).await.unwrap();
    scene.exhaust(&sign_in(ADA, HOME), 4, 23 * HOURS).await;
    scene.take(&sign_in(ADA, HOME), 25 * HOURS).await.unwrap();
    assert_eq!(scene.take(&sign_in(ADA, HOME), 25 * HOURS).await, Err(30_000));
}

/// Otherwise a person with an account could guess at other accounts for ever.
#[tokio::test]
async fn an_address_gets_back_its_success_and_nothing_else() {
    let scene = Scene::new().await;
    for n in 0..100 {
        scene.take(&sign_in(&format!("{n}@example.com"), HOME), 0).await.unwrap();
        if n % 10 == 0 {
            scene.succeed(&sign_in(&format!("eve{n}@example.com"), HOME), 0).await.unwrap();
        }
        assert_eq!(scene.tries("address").await, Some(n + 1));
    }
    assert_eq!(scene.take(&sign_in(ADA, HOME), 0).await, Err(30_000));
}

/// For example when the owner sets a new password by mail.
#[tokio::test]
async fn an_owner_who_is_known_otherwise_is_trusted_and_the_address_gets_nothing() {
    let scene = Scene::new().await;
    scene.exhaust(&sign_in(ADA, HOME), 5, 0).await;
    scene.throttle.trust(&sign_in(ADA, HOME), scene.at(0)).await;
    assert_eq!((scene.tries("address").await, scene.tries("account").await), (Some(5), None));
    assert_eq!(scene.take(&sign_in(ADA, HOME), 0).await, Ok(()));
}

#[tokio::test]
async fn mails_and_judgements_are_never_taken_back() {
    for purpose in [Purpose::Register, Purpose::Reset, Purpose::Choice] {
        let scene = Scene::new().await;
        let tried = Try { purpose, ..sign_in(ADA, HOME) };
        scene.succeed(&tried, 0).await.unwrap();
        scene.take(&tried, 0).await.unwrap();
        assert_eq!(scene.tries("address").await, Some(2), "{purpose:?}");
    }
}

#[tokio::test]
async fn a_token_that_was_good_costs_nothing() {
    for purpose in [Purpose::Token, Purpose::Refresh, Purpose::Exchange] {
        let scene = Scene::new().await;
        let tried = Try { purpose, account: None, address: Some(HOME) };
        for _ in 0..5 {
            scene.succeed(&tried, 0).await.unwrap();
        }
        scene.take(&tried, 0).await.unwrap();
        assert_eq!(scene.tries("address").await, Some(1), "{purpose:?}");
    }
}

#[tokio::test]
async fn a_success_that_cannot_be_noted_is_logged() {
    let scene = Scene::new().await;
    let logs = Logs::capture();
    let broken = async {
        scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
        Ok::<_, crate::support::End>(())
    };
    let tried = sign_in(ADA, HOME);
    scene.throttle.attempt(&tried, scene.at(0), broken).await.unwrap();
    let lines = logs.of("throttle::throttle");
    assert_eq!(lines.len(), 2, "the owner's counters, and the address: {}", logs.text());
    assert!(lines.iter().all(|line| line["level"] == "WARN"), "{}", logs.text());
    assert!(!logs.text().contains(ADA) && !logs.text().contains(HOME), "{}", logs.text());
}
