//! A replica that is promoted without the last writes: what this may cost, and for how long.

use crate::support::{DUE, hot, keys, log_in, log_in_at, one_session};
use session::{Policy, Sessions, Slide, Token};
use stand::Redis;
use std::time::{Duration, Instant};
use testkit::{Stores, now, redis_command};

/// A replica of the stores' Redis that has received all keys.
async fn replica(stores: &Stores) -> Redis {
    let port = stores.redis.as_ref().unwrap().port().to_string();
    stores.redis_command::<()>(&["CONFIG", "SET", "repl-diskless-sync-delay", "0"]).await;
    let replica = stores.another_redis(&[]).await;
    redis_command::<()>(&replica.url(), &["REPLICAOF", "127.0.0.1", &port]).await;
    let deadline = Instant::now() + Duration::from_secs(20);
    while redis_command::<usize>(&replica.url(), &["DBSIZE"]).await < keys(stores).await {
        assert!(Instant::now() < deadline, "the replica has not caught up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    replica
}

/// Makes the replica a master that no longer follows the old one.
async fn promote(replica: &Redis) {
    redis_command::<()>(&replica.url(), &["REPLICAOF", "NO", "ONE"]).await;
}

/// Ada's session has ended with an acknowledgement, and Redis has lost the tombstone in a failover.
async fn a_lost_tombstone(policy: Policy, age: Duration) -> (Stores, Redis, Sessions, Token) {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let sessions = stores.sessions(policy);
    let token = log_in_at(&stores, &sessions, "ada", now() - age).await;
    let replica = replica(&stores).await;
    promote(&replica).await;
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
    assert_eq!(hot(&stores, &token).await.as_deref(), Some("!"), "on the old master");
    stores.redis_proxy.as_ref().unwrap().fail_over_to(replica.port());
    (stores, replica, sessions, token)
}

#[tokio::test]
async fn a_session_whose_tombstone_is_lost_is_not_served_when_a_renewal_is_due() {
    for slide in [Slide::Yes, Slide::No] {
        let (_stores, _replica, sessions, token) = a_lost_tombstone(Policy::default(), DUE).await;
        assert!(sessions.authenticate(&token, slide, now()).await.unwrap().is_none(), "{slide:?}");
        assert!(sessions.authenticate(&token, slide, now()).await.unwrap().is_none(), "{slide:?}");
    }
}

/// The documented limit: until `renew_after` after the last renewal, however often it is used, and not one request
/// longer.
#[tokio::test]
async fn a_session_whose_tombstone_is_lost_is_served_until_its_renewal_is_due_at_most() {
    let renew_after = Duration::from_millis(900);
    for slide in [Slide::Yes, Slide::No] {
        let (_stores, _replica, sessions, token) =
            a_lost_tombstone(Policy { renew_after, ..Policy::default() }, Duration::ZERO).await;
        let deadline = Instant::now() + renew_after;
        while Instant::now() < deadline {
            sessions.authenticate(&token, slide, now()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(sessions.authenticate(&token, slide, now()).await.unwrap().is_none(), "{slide:?}");
    }
}

/// If a failover loses writes other than tombstones, no session is lost.
#[tokio::test]
async fn sessions_made_or_renewed_after_the_replica_was_cut_off_live_on() {
    let stores = Stores::start().await;
    let (sessions, due) = one_session(&stores, DUE).await;
    let replica = replica(&stores).await;
    promote(&replica).await;
    let made = log_in(&stores, &sessions, "ada").await;
    assert!(sessions.authenticate(&due, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    stores.redis_proxy.as_ref().unwrap().fail_over_to(replica.port());
    for token in [&made, &due] {
        assert!(sessions.authenticate(token, Slide::Yes, now()).await.unwrap().is_some());
    }
}
