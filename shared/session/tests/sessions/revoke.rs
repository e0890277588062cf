//! Ending one session.

use crate::support::{break_redis, hot, hot_expiry, is_alive, is_buried, keys, log_in, moment, one_session, rows, why};
use session::{Error, Policy, Token};
use std::time::Duration;
use testkit::{Fault, RedisFault, Stores, now, on_both_stores};

on_both_stores! {
    /// ASVS 7.4.1.
    async fn a_logout_ends_the_row_the_hot_copy_and_the_map_entry(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        let other = log_in(&stores, &sessions, "ada").await;
        let at = now();
        assert_eq!(sessions.revoke(&token, at).await.unwrap().unwrap().record.user_id, "ada");
        assert_eq!(moment(&stores, &token, "revoked_at").await, Some(at.as_millisecond()));
        assert_eq!(why(&stores, &token).await.as_deref(), Some("logout"));
        assert!(is_buried(&stores, &token).await);
        assert!(!is_alive(&sessions, &token).await);
        assert!(is_alive(&sessions, &other).await);
        assert_eq!(stores.stored_account("ada").await.sessions.keys().collect::<Vec<_>>(), [&other.id()]);
    }

    async fn a_logout_again_says_the_same_and_changes_nothing(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        let first = sessions.revoke(&token, now()).await.unwrap();
        let row = crate::support::row(&stores, &token).await;
        assert_eq!(sessions.revoke(&token, now() + Duration::from_secs(1)).await.unwrap(), first);
        assert_eq!(crate::support::row(&stores, &token).await, row);
    }

    async fn a_logout_of_a_made_up_token_ends_nothing(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        assert!(sessions.revoke(&Token::generate().unwrap(), now()).await.unwrap().is_none());
        assert!(is_alive(&sessions, &token).await);
        assert_eq!(rows(&stores).await.len(), 1);
        if stores.redis.is_some() {
            assert_eq!(keys(&stores).await, 1);
        }
    }

    async fn a_session_whose_row_cannot_be_ended_lives_and_the_logout_is_not_reported(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
        let answer = sessions.revoke(&token, now()).await;
        assert!(matches!(answer, Err(Error::Store(_))), "{answer:?}");
        assert!(is_alive(&sessions, &token).await);
        stores.dynamo_proxy.heal();
        assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
        assert!(!is_alive(&sessions, &token).await);
    }

    async fn a_logout_is_reported_though_the_map_cannot_be_tidied(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        stores.dynamo_proxy.break_next("UpdateItem", &[Fault::Pass, Fault::Fail, Fault::Fail, Fault::Fail]);
        assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
        assert!(!is_alive(&sessions, &token).await);
        assert_eq!(stores.stored_account("ada").await.sessions.len(), 1);
        assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
        assert!(stores.stored_account("ada").await.sessions.is_empty(), "a repeat tidies");
    }

    async fn a_logout_that_loses_to_a_concurrent_transaction_tries_again(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        stores.dynamo_proxy.break_next("UpdateItem", &[Fault::Conflict, Fault::Pass, Fault::Conflict]);
        assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
        assert!(!is_alive(&sessions, &token).await);
        assert!(stores.stored_account("ada").await.sessions.is_empty());
    }
}

/// Longer than any request or queued command in flight, and not for ever.
#[tokio::test]
async fn a_tombstone_stays_ten_minutes_or_two_renewals_whichever_is_longer() {
    for (renew_after, life) in [(Duration::from_mins(5), 600_000), (Duration::from_mins(7), 840_000)] {
        let stores = Stores::start().await;
        stores.account("ada").await;
        let sessions = stores.sessions(Policy { renew_after, ..Policy::default() });
        let token = log_in(&stores, &sessions, "ada").await;
        let before = now().as_millisecond();
        sessions.revoke(&token, now()).await.unwrap().unwrap();
        let expiry = hot_expiry(&stores, &token).await;
        assert!((before + life..=now().as_millisecond() + life).contains(&expiry), "{renew_after:?}");
    }
}

/// The cookie stays until then, so that a repeat can finish.
#[tokio::test]
async fn a_logout_is_not_reported_before_redis_has_the_tombstone() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    for _ in 0..2 {
        let answer = sessions.revoke(&token, now()).await;
        assert!(matches!(answer, Err(Error::Unfinished(_))), "{answer:?}");
    }
    assert_eq!(why(&stores, &token).await.as_deref(), Some("logout"), "durable first");
    assert_eq!(stores.stored_account("ada").await.sessions.len(), 1, "an entry that is gone says it is buried");
    proxy.heal();
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
    assert!(is_buried(&stores, &token).await);
    assert!(stores.stored_account("ada").await.sessions.is_empty());
}

/// A restore of the session may be in flight, so the tombstone is written even if Redis holds no copy.
#[tokio::test]
async fn a_repeated_logout_leaves_a_tombstone_where_redis_has_nothing() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    stores.flush_redis().await;
    break_redis(&stores, "SET", RedisFault::Late);
    assert!(is_alive(&sessions, &token).await);
    proxy.heal();
    proxy.break_all(Some("SET"), RedisFault::Close);
    assert!(sessions.revoke(&token, now()).await.is_err());
    proxy.heal();
    assert_eq!(hot(&stores, &token).await, None);
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
    proxy.deliver_late().await;
    assert!(!is_alive(&sessions, &token).await);
}
