//! Who presents a token.

use crate::support::{ago, hot, hot_expiry, is_alive, key, log_in, log_in_at, moment, one_session};
use session::{Policy, Slide, Token};
use std::time::Duration;
use testkit::{Stores, now, on_both_stores};

const HOUR: Duration = Duration::from_hours(1);
const INSTANT: Duration = Duration::from_millis(1);

on_both_stores! {
    async fn a_token_nobody_was_given_is_signed_out(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        log_in(&stores, &sessions, "ada").await;
        assert!(!is_alive(&sessions, &Token::generate().unwrap()).await);
    }

    /// The id is public: the list of sessions and the logs show it.
    async fn the_id_of_a_session_does_not_open_it(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        assert!(!is_alive(&sessions, &Token::parse(token.id().as_str()).unwrap()).await);
    }

    /// ASVS 7.3.2.
    async fn a_session_ends_at_its_absolute_expiry_to_the_millisecond(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy { idle: HOUR, absolute: HOUR, ..Policy::default() });
        let at = now();
        let token = log_in_at(&stores, &sessions, "ada", at).await;
        let last = sessions.authenticate(&token, Slide::Yes, at + HOUR - INSTANT).await.unwrap().unwrap();
        assert_eq!((last.expires_at, last.left(at + HOUR - INSTANT)), (at + HOUR, INSTANT));
        assert!(sessions.authenticate(&token, Slide::Yes, at + HOUR).await.unwrap().is_none());
    }

    async fn a_session_expires_at_the_sooner_of_its_two_expiries(stores) {
        stores.account("ada").await;
        let policy = Policy { idle: HOUR, absolute: HOUR + HOUR / 2, ..Policy::default() };
        let sessions = stores.sessions(policy);
        let at = ago(HOUR - DUE_IN_BOTH);
        let token = log_in_at(&stores, &sessions, "ada", at).await;
        let session = sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
        assert!(session.renewed);
        assert_eq!(session.expires_at, at + HOUR + HOUR / 2, "less than an hour after the renewal");
    }
}

/// Renewal is due by now, and neither expiry is near.
const DUE_IN_BOTH: Duration = Duration::from_mins(10);

/// ASVS 7.3.1, decided by the row.
#[tokio::test]
async fn without_redis_a_session_ends_at_its_idle_expiry_to_the_millisecond() {
    let stores = Stores::without_redis().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy { idle: HOUR, ..Policy::default() });
    let at = now();
    let token = log_in_at(&stores, &sessions, "ada", at).await;
    assert!(sessions.authenticate(&token, Slide::No, at + HOUR - INSTANT).await.unwrap().is_some());
    for slide in [Slide::No, Slide::Yes] {
        assert!(sessions.authenticate(&token, slide, at + HOUR).await.unwrap().is_none());
    }
}

/// ASVS 7.3.1, decided by Redis: its clock is the real one.
#[tokio::test]
async fn redis_forgets_a_session_at_its_idle_expiry_and_it_is_not_restored() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy { idle: HOUR, ..Policy::default() });
    let token = log_in_at(&stores, &sessions, "ada", ago(HOUR - Duration::from_millis(900))).await;
    assert!(is_alive(&sessions, &token).await);
    let expiry = hot_expiry(&stores, &token).await;
    assert_eq!(moment(&stores, &token, "idle_expires_at").await, Some(expiry));
    let left = u64::try_from(expiry - now().as_millisecond()).unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(left) + INSTANT).await;
    for slide in [Slide::Yes, Slide::No] {
        assert!(sessions.authenticate(&token, slide, now()).await.unwrap().is_none());
    }
    assert_eq!(hot(&stores, &token).await, None);
}

#[tokio::test]
async fn a_tombstone_signs_out_without_another_question() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    stores.redis_command::<()>(&["SET", &key(&token), "!"]).await;
    let calls = stores.dynamo_proxy.calls();
    assert!(!is_alive(&sessions, &token).await);
    assert_eq!(stores.dynamo_proxy.calls(), calls);
}

/// The key expires between the two commands of the hot path.
#[tokio::test]
async fn a_record_that_is_gone_by_the_second_command_is_a_miss() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let mut held = stores.redis_proxy.as_ref().unwrap().hold_next("PTTL");
    let forget = async {
        held.arrived().await;
        stores.redis_command::<()>(&["DEL", &key(&token)]).await;
        held.release();
    };
    let (session, ()) = tokio::join!(sessions.authenticate(&token, Slide::Yes, now()), forget);
    assert!(session.unwrap().is_some());
    assert!(hot(&stores, &token).await.is_some(), "restored like any other miss");
}
