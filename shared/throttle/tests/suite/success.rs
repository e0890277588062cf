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
    scene.clear(&sign_in(ADA, HOME), 1).await;
    assert_eq!(scene.tries("account").await, None);
    scene.exhaust(&sign_in(ADA, HOME), 5, 2).await;
    assert_eq!(scene.take(&sign_in(ADA, HOME), 2).await, Err(30_000));
}

/// The window of the tries after it begins with the first of them.
#[tokio::test]
async fn a_success_begins_no_window() {
    const HOURS: i64 = 3_600_000;
    let scene = Scene::new().await;
    scene.take(&sign_in(ADA, HOME), 0).await.unwrap();
    scene.clear(&sign_in(ADA, HOME), 0).await;
    scene.exhaust(&sign_in(ADA, HOME), 4, 23 * HOURS).await;
    scene.take(&sign_in(ADA, HOME), 25 * HOURS).await.unwrap();
    assert_eq!(scene.take(&sign_in(ADA, HOME), 25 * HOURS).await, Err(30_000));
}

/// Or somebody with an account of its own would guess at others for ever.
#[tokio::test]
async fn an_address_gets_back_its_success_and_nothing_else() {
    let scene = Scene::new().await;
    let eve = sign_in("eve@example.com", HOME);
    for n in 0..100 {
        scene.take(&sign_in(&format!("{n}@example.com"), HOME), 0).await.unwrap();
        if n % 10 == 0 {
            scene.take(&eve, 0).await.unwrap();
            scene.clear(&eve, 0).await;
        }
        assert_eq!(scene.tries("address").await, Some(n + 1));
    }
    assert_eq!(scene.take(&eve, 0).await, Err(30_000));
}

#[tokio::test]
async fn a_success_that_was_not_counted_gives_nothing_back() {
    let scene = Scene::new().await;
    scene.clear(&sign_in(ADA, HOME), 0).await;
    assert_eq!((scene.tries("address").await, scene.tries("account").await), (None, None));
    scene.take(&sign_in(ADA, HOME), 0).await.unwrap();
    for _ in 0..3 {
        scene.clear(&sign_in(ADA, HOME), 0).await;
    }
    assert_eq!(scene.tries("address").await, Some(0), "never less than nothing");
    scene.take(&sign_in(ADA, HOME), 0).await.unwrap();
    assert_eq!(scene.tries("address").await, Some(1));
}

#[tokio::test]
async fn mails_are_never_taken_back() {
    for purpose in [Purpose::Register, Purpose::Reset] {
        let scene = Scene::new().await;
        let tried = Try { purpose, ..sign_in(ADA, HOME) };
        scene.take(&tried, 0).await.unwrap();
        let rows = scene.rows().await;
        scene.clear(&tried, 0).await;
        assert_eq!(scene.rows().await, rows);
    }
}

#[tokio::test]
async fn a_token_that_was_good_costs_nothing() {
    let scene = Scene::new().await;
    let tried = Try { purpose: Purpose::Token, account: None, address: Some(HOME) };
    for _ in 0..5 {
        scene.take(&tried, 0).await.unwrap();
        scene.clear(&tried, 0).await;
    }
    scene.take(&tried, 0).await.unwrap();
    assert_eq!(scene.tries("address").await, Some(1));
}

#[tokio::test]
async fn a_success_that_cannot_be_noted_is_logged() {
    let scene = Scene::new().await;
    scene.take(&sign_in(ADA, HOME), 0).await.unwrap();
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    let logs = Logs::capture();
    scene.clear(&sign_in(ADA, HOME), 0).await;
    let lines = logs.of("throttle::throttle");
    assert_eq!(lines.len(), 3, "{}", logs.text());
    assert!(lines.iter().all(|line| line["level"] == "WARN"), "{}", logs.text());
    assert!(!logs.text().contains(ADA) && !logs.text().contains(HOME), "{}", logs.text());
}

/// The stores failed, so nothing was learnt from it.
#[tokio::test]
async fn a_try_that_came_to_nothing_is_taken_back() {
    let scene = Scene::new().await;
    for _ in 0..20 {
        scene.take(&sign_in(ADA, HOME), 0).await.unwrap();
        scene.release(&sign_in(ADA, HOME)).await;
    }
    for scope in ["pair", "account", "address"] {
        assert_eq!(scene.tries(scope).await, Some(0), "{scope}");
    }
    let mail = Try { purpose: Purpose::Register, ..sign_in(ADA, HOME) };
    scene.take(&mail, 0).await.unwrap();
    let rows = scene.rows().await;
    scene.release(&mail).await;
    assert_eq!(scene.rows().await, rows, "a mail is a mail");
}
