//! Bringing back a hot copy that Redis has lost.

use crate::support::{DUE, break_redis, hot, hot_expiry, is_alive, keys, log_in, moment, one_session, recovers};
use session::{Policy, Slide, Token};
use std::time::Duration;
use testkit::{Fault, RedisFault, Stores, now};

/// Neither due for renewal nor made this instant.
const YOUNG: Duration = Duration::from_mins(2);

#[tokio::test]
async fn a_session_that_redis_has_lost_is_restored_from_its_row() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, YOUNG).await;
    let (made, expiry) = (hot(&stores, &token).await, hot_expiry(&stores, &token).await);
    let before = sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
    stores.flush_redis().await;
    let restored = sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
    assert_eq!(restored.record, before.record);
    assert_eq!((restored.expires_at.as_millisecond(), restored.renewed), (expiry, false));
    assert_eq!(hot(&stores, &token).await, made);
}

/// Redis may have lost a tombstone while the copy was on its way: the row is asked before the copy is served for long.
#[tokio::test]
async fn a_restored_copy_is_due_and_warm_again_after_its_next_use() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, YOUNG).await;
    stores.flush_redis().await;
    let at = now();
    assert!(sessions.authenticate(&token, Slide::Yes, at).await.unwrap().is_some());
    let Policy { idle, renew_after, .. } = Policy::default();
    assert_eq!(hot_expiry(&stores, &token).await, (at + idle - renew_after).as_millisecond());
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    let calls = stores.dynamo_proxy.calls();
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_some());
    assert_eq!(stores.dynamo_proxy.calls(), calls, "warm again");
}

/// A copy never outlives its session, however soon that ends.
#[tokio::test]
async fn a_restored_copy_expires_with_the_session_where_that_is_sooner() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Policy::default().idle - YOUNG).await;
    stores.flush_redis().await;
    assert!(is_alive(&sessions, &token).await);
    assert_eq!(Some(hot_expiry(&stores, &token).await), moment(&stores, &token, "idle_expires_at").await);
}

/// The copy was on its way when the session ended, and Redis lost the tombstone that would have kept it out.
#[tokio::test]
async fn a_copy_that_comes_after_the_end_and_a_flush_is_found_out_at_its_next_use() {
    for slide in [Slide::Yes, Slide::No] {
        let stores = Stores::start().await;
        let (sessions, token) = one_session(&stores, YOUNG).await;
        let other = stores.sessions(Policy::default());
        stores.flush_redis().await;
        let mut held = stores.redis_proxy.as_ref().unwrap().hold_next("SET");
        let end = async {
            held.arrived().await;
            let ended = other.revoke(&token, now()).await.unwrap();
            stores.flush_redis().await;
            held.release();
            ended
        };
        let (_, ended) = tokio::join!(sessions.authenticate(&token, Slide::Yes, now()), end);
        assert!(ended.is_some() && hot(&stores, &token).await.is_some_and(|value| value != "!"), "{slide:?}");
        assert!(sessions.authenticate(&token, slide, now()).await.unwrap().is_none(), "{slide:?}");
        assert_eq!(hot(&stores, &token).await.as_deref(), Some("!"), "{slide:?}");
    }
}

/// Redis may lose a session between any two of its uses, for instance when it evicts under memory pressure.
#[tokio::test]
async fn a_session_that_is_due_when_it_is_restored_is_renewed() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    stores.flush_redis().await;
    assert!(!sessions.authenticate(&token, Slide::No, now()).await.unwrap().unwrap().renewed);
    stores.flush_redis().await;
    let at = now();
    let session = sessions.authenticate(&token, Slide::Yes, at).await.unwrap().unwrap();
    assert_eq!((session.renewed, session.expires_at), (true, at + Policy::default().idle));
    assert_eq!(Some(hot_expiry(&stores, &token).await), moment(&stores, &token, "idle_expires_at").await);
}

/// The row is read as live, the session ends, and only then does the copy come to Redis.
#[tokio::test]
async fn a_restore_does_not_replace_a_tombstone() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, YOUNG).await;
    let other = stores.sessions(Policy::default());
    stores.flush_redis().await;
    let mut held = stores.redis_proxy.as_ref().unwrap().hold_next("SET");
    let end = async {
        held.arrived().await;
        other.revoke(&token, now()).await.unwrap().unwrap();
        held.release();
    };
    let (session, ()) = tokio::join!(sessions.authenticate(&token, Slide::Yes, now()), end);
    assert!(session.is_ok(), "whether it is served is open: it began before the end");
    assert_eq!(hot(&stores, &token).await.as_deref(), Some("!"));
    assert!(!is_alive(&sessions, &token).await);
}

/// The command was sent and its request gave up. Redis executes it after the session has ended.
#[tokio::test]
async fn a_restore_that_arrives_late_does_not_replace_a_tombstone() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, YOUNG).await;
    stores.flush_redis().await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    break_redis(&stores, "SET", RedisFault::Late);
    assert!(is_alive(&sessions, &token).await, "served though Redis did not take the copy in time");
    recovers(&stores).await;
    sessions.revoke(&token, now()).await.unwrap().unwrap();
    proxy.deliver_late().await;
    assert_eq!(hot(&stores, &token).await.as_deref(), Some("!"));
    assert!(!is_alive(&sessions, &token).await);
}

#[tokio::test]
async fn a_dead_or_made_up_token_costs_one_read_and_a_made_up_one_no_memory() {
    let stores = Stores::start().await;
    let (sessions, ended) = one_session(&stores, YOUNG).await;
    sessions.revoke(&ended, now()).await.unwrap().unwrap();
    stores.flush_redis().await;
    let made_up = Token::generate().unwrap();
    for token in [&ended, &made_up] {
        let calls = stores.dynamo_proxy.calls();
        assert!(sessions.authenticate(token, Slide::Yes, now()).await.unwrap().is_none());
        assert_eq!(stores.dynamo_proxy.calls() - calls, 1);
    }
    assert_eq!((keys(&stores).await, hot(&stores, &ended).await.as_deref()), (1, Some("!")));
    let calls = stores.dynamo_proxy.calls();
    assert!(!is_alive(&sessions, &ended).await);
    assert_eq!(stores.dynamo_proxy.calls(), calls, "a dead one costs no other read while its tombstone stands");
}

/// If a replica that has not heard of the session answered, its owner would be signed out.
#[tokio::test]
async fn rows_of_sessions_and_users_are_read_as_of_now_and_not_as_of_some_replica() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, YOUNG).await;
    let other = log_in(&stores, &sessions, "ada").await;
    stores.dynamo_proxy.lag();
    stores.flush_redis().await;
    assert!(is_alive(&sessions, &token).await);
    assert_eq!(sessions.list("ada", now()).await.unwrap().len(), 2);
    assert_eq!(
        sessions.revoke_all(&token, now()).await.unwrap().unwrap().sessions,
        2,
        "the other one by the user's map"
    );
    assert!(!is_alive(&sessions, &other).await);
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_miss_that_dynamodb_cannot_explain_is_no_answer() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, YOUNG).await;
    stores.flush_redis().await;
    stores.dynamo_proxy.break_all(None, Fault::Fail);
    for token in [&token, &Token::generate().unwrap()] {
        assert!(sessions.authenticate(token, Slide::Yes, now()).await.is_err());
    }
}
