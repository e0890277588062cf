//! ASVS 6.3.1: strangers cannot lock the owner out.

use crate::support::{ADA, HOME, Scene, elsewhere, sign_in};

#[tokio::test]
async fn a_stranger_locks_nobody_out_but_itself() {
    let scene = Scene::new().await;
    scene.exhaust(&sign_in(ADA, "198.51.100.66"), 5, 0).await;
    assert_eq!(scene.take(&sign_in(ADA, "198.51.100.66"), 0).await, Err(30_000));
    assert_eq!(scene.take(&sign_in(ADA, HOME), 0).await, Ok(()));
}

#[tokio::test]
async fn many_strangers_do_not_lock_the_owner_out_of_where_the_owner_signs_in_from() {
    const DAY: i64 = 24 * 3_600_000;
    let scene = Scene::new().await;
    scene.succeed(&sign_in(ADA, HOME), 0).await.unwrap();
    let later = 30 * DAY - 1;
    for n in 0..100 {
        scene.take(&sign_in(ADA, &elsewhere(n)), later).await.unwrap();
    }
    assert_eq!(scene.take(&sign_in(ADA, "192.0.2.1"), later).await, Err(30_000), "from anywhere else");
    assert_eq!(scene.take(&sign_in(ADA, HOME), later).await, Ok(()), "trusted");
    assert_eq!(scene.take(&sign_in(ADA, HOME), later + 1).await, Err(30_000 - 1), "30 days and no longer");
}

/// Trust does not lift the pair's own limit.
#[tokio::test]
async fn a_trusted_pair_is_limited_all_the_same() {
    let scene = Scene::new().await;
    scene.succeed(&sign_in(ADA, HOME), 0).await.unwrap();
    scene.exhaust(&sign_in(ADA, HOME), 5, 1_000).await;
    assert_eq!(scene.take(&sign_in(ADA, HOME), 1_000).await, Err(30_000));
    assert_eq!(scene.take(&sign_in(ADA, HOME), 31_000).await, Ok(()));
    assert_eq!(scene.take(&sign_in(ADA, HOME), 31_000).await, Err(60_000));
}

#[tokio::test]
async fn a_hundred_typos_behind_one_address_do_not_lock_an_owner_out_who_signs_in_from_there() {
    for (home, mate) in [(HOME, HOME), ("2001:db8:1:2::3", "2001:db8:1:2::4"), ("2001:db8:1:2::3", "2001:db8:1:3::4")] {
        let scene = Scene::new().await;
        scene.succeed(&sign_in(ADA, home), 0).await.unwrap();
        for n in 0..100 {
            scene.take(&sign_in(&format!("{n}@example.com"), mate), 1_000).await.unwrap();
        }
        assert_eq!(scene.take(&sign_in("eve@example.com", mate), 1_000).await, Err(30_000), "{mate}");
        assert_eq!(scene.succeed(&sign_in(ADA, home), 1_000).await, Ok(()), "{home}");
    }
}

/// Only the pair is trusted: neither the address for other accounts nor the account elsewhere.
#[tokio::test]
async fn trust_is_of_one_account_at_one_address() {
    let scene = Scene::new().await;
    scene.succeed(&sign_in("eve@example.com", HOME), 0).await.unwrap();
    for n in 0..100 {
        scene.take(&sign_in(ADA, &elsewhere(n)), 0).await.unwrap();
    }
    assert_eq!(scene.take(&sign_in(ADA, HOME), 0).await, Err(30_000));
}
