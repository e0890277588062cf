//! Which clients are counted as one. ASVS 1.2.4, 2.2.1.

use crate::support::{ADA, HOME, Scene, sign_in};
use testkit::HOSTILE;
use throttle::{Purpose, Try};

#[tokio::test]
async fn a_home_of_ipv6_is_one_address() {
    let scene = Scene::new().await;
    for host in 1..=5 {
        scene.take(&sign_in(ADA, &format!("2001:db8:1:2::{host}")), 0).await.unwrap();
    }
    assert_eq!(scene.take(&sign_in(ADA, "2001:db8:1:2:ffff::1"), 0).await, Err(30_000));
    assert_eq!(scene.take(&sign_in(ADA, "2001:db8:1:3::1"), 0).await, Ok(()), "the neighbour's");
}

#[tokio::test]
async fn each_ipv4_address_is_its_own_however_it_is_written() {
    let scene = Scene::new().await;
    scene.exhaust(&sign_in(ADA, "203.0.113.7"), 5, 0).await;
    assert_eq!(scene.take(&sign_in(ADA, "::ffff:203.0.113.7"), 0).await, Err(30_000));
    assert_eq!(scene.take(&sign_in(ADA, "::ffff:203.0.113.8"), 0).await, Ok(()));
    assert_eq!(scene.take(&sign_in(ADA, "203.0.113.8"), 0).await, Ok(()));
}

/// Otherwise each of them would make all others wait.
#[tokio::test]
async fn clients_without_an_address_share_no_counter() {
    let scene = Scene::new().await;
    let none = |account| Try { purpose: Purpose::SignIn, account: Some(account), address: None };
    scene.exhaust(&none(ADA), 100, 0).await;
    assert_eq!(scene.take(&none(ADA), 0).await, Err(30_000), "the account");
    assert_eq!(scene.take(&none("eve@example.com"), 0).await, Ok(()));
    for text in ["", "unknown", "203.0.113.7:80", "\u{ff11}.1.1.1"].into_iter().chain(HOSTILE) {
        assert_eq!(scene.take(&sign_in(ADA, text), 0).await, Err(30_000), "{text:?}");
    }
    assert_eq!(scene.rows().await.len(), 2);
    let token = Try { purpose: Purpose::Token, account: None, address: None };
    scene.exhaust(&token, 101, 0).await;
    assert_eq!(scene.rows().await.len(), 2, "nothing is left to be counted");
}

/// A customer gets up to a whole /48.
#[tokio::test]
async fn a_block_of_ipv6_is_limited_however_many_homes_it_has() {
    let scene = Scene::new().await;
    let home = |n: usize| format!("2001:db8:1:{n:x}::1");
    for n in 0..200 {
        assert_eq!(scene.take(&sign_in(&format!("{n}@example.com"), &home(n)), 0).await, Ok(()), "try {n}");
    }
    assert_eq!(scene.take(&sign_in(ADA, &home(200)), 0).await, Err(30_000));
    assert_eq!(scene.take(&sign_in(ADA, "2001:db8:2::1"), 0).await, Ok(()), "the neighbour's");
    let token = Try { purpose: Purpose::Token, account: None, address: Some("2001:db8:1:c8::1") };
    assert_eq!(scene.take(&token, 0).await, Ok(()), "one purpose does not count for another");
}

#[tokio::test]
async fn each_hostile_account_has_counters_of_its_own() {
    let scene = Scene::new().await;
    for text in HOSTILE {
        scene.take(&sign_in(text, HOME), 0).await.unwrap();
    }
    let rows = scene.rows().await;
    let count = |scope: &str| rows.iter().filter(|(of, row)| of == scope && row["tries"] == 1).count();
    assert_eq!((count("pair"), count("account")), (HOSTILE.len(), HOSTILE.len()));
    assert_eq!(scene.tries("address").await, Some(HOSTILE.len() as u64));
}

/// ASVS 14.2.1: a reader of the table must not learn who tries.
#[tokio::test]
async fn the_table_holds_neither_accounts_nor_addresses() {
    let scene = Scene::new().await;
    for address in [HOME, "2001:db8:1:2::1"] {
        scene.succeed(&sign_in(ADA, address), 0).await.unwrap();
        scene.take(&sign_in(ADA, address), 0).await.unwrap();
    }
    let stored = serde_json::to_string(&scene.stores.contents().await).unwrap();
    assert!(stored.contains("sign-in#pair#"), "{stored}");
    for text in ["ada", "example.com", "203.0.113", "2001:db8"] {
        assert!(!stored.contains(text), "{text} in {stored}");
    }
}
