//! A Redis that answers but takes no writes, or discards what it took.

use crate::{
    redis_faults::{with_redis_again, without_redis_writes},
    support::{DUE, hot, is_alive, is_buried, key, log_in, one_session},
};
use session::{Error, Token};
use std::time::Duration;
use testkit::{Stores, now};

#[tokio::test]
async fn full_and_refusing_writes() {
    let stores = Stores::start().await;
    let (sessions, live) = one_session(&stores, DUE).await;
    stores.redis_command::<()>(&["CONFIG", "SET", "maxmemory-policy", "noeviction", "maxmemory", "1"]).await;
    let left = without_redis_writes(&stores, &sessions, &live).await;
    assert_eq!(hot(&stores, &left.1).await, None);
    stores.redis_command::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
    with_redis_again(&stores, &sessions, &live, left).await;
}

/// Tombstones are evicted like anything else; the rows are not.
#[tokio::test]
async fn full_and_evicting() {
    let stores = Stores::start().await;
    let (sessions, live) = one_session(&stores, Duration::ZERO).await;
    let (mut lives, mut endeds) = (vec![live], Vec::new());
    for _ in 0..5 {
        lives.push(log_in(&stores, &sessions, "ada").await);
        let ended = log_in(&stores, &sessions, "ada").await;
        sessions.revoke(&ended, now()).await.unwrap().unwrap();
        endeds.push(ended);
    }
    let info: String = stores.redis_command(&["INFO", "memory"]).await;
    let used: usize = info.lines().find_map(|line| line.strip_prefix("used_memory:")?.parse().ok()).unwrap();
    let limit = (used + 200_000).to_string();
    stores.redis_command::<()>(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "maxmemory", &limit]).await;
    for number in 0..400 {
        stores.redis_command::<()>(&["SET", &format!("junk:{number}"), &"x".repeat(2_000)]).await;
    }
    let evicted = async |token: &Token| hot(&stores, token).await.is_none();
    let mut gone = 0;
    for token in lives.iter().chain(&endeds) {
        gone += usize::from(evicted(token).await);
    }
    assert!(gone > 0, "something of ours was evicted");
    for token in &lives {
        assert!(is_alive(&sessions, token).await);
    }
    for token in &endeds {
        assert!(!is_alive(&sessions, token).await);
    }
}

/// A replica whose master is gone: it still answers reads.
#[tokio::test]
async fn read_only() {
    let stores = Stores::start().await;
    let (sessions, live) = one_session(&stores, DUE).await;
    stores.redis_command::<()>(&["REPLICAOF", "127.0.0.1", "1"]).await;
    let left = without_redis_writes(&stores, &sessions, &live).await;
    stores.redis_command::<()>(&["REPLICAOF", "NO", "ONE"]).await;
    with_redis_again(&stores, &sessions, &live, left).await;
}

#[tokio::test]
async fn read_only_while_a_user_signs_out_everywhere() {
    let stores = Stores::start().await;
    let (sessions, one) = one_session(&stores, Duration::ZERO).await;
    let two = log_in(&stores, &sessions, "ada").await;
    stores.redis_command::<()>(&["REPLICAOF", "127.0.0.1", "1"]).await;
    let answer = sessions.revoke_all(&one, now()).await;
    assert!(matches!(answer, Err(Error::Unfinished(_))), "{answer:?}");
    assert_ne!(hot(&stores, &two).await.as_deref(), Some("!"), "{}", key(&two));
    stores.redis_command::<()>(&["REPLICAOF", "NO", "ONE"]).await;
    assert_eq!(sessions.revoke_all(&one, now()).await.unwrap().unwrap().sessions, 2);
    for token in [&one, &two] {
        assert!(is_buried(&stores, token).await && !is_alive(&sessions, token).await);
    }
}
