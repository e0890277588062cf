//! Moving the idle expiry.

use crate::support::{
    DUE, ago, break_redis, hot, hot_expiry, is_alive, log_in_at, lose_the_tombstone, moment, one_session, recovers,
    remove_row, row,
};
use session::{Policy, Slide};
use std::time::Duration;
use testkit::{Fault, RedisFault, Stores, now, on_both_stores};

const HOUR: Duration = Duration::from_hours(1);

on_both_stores! {
    async fn use_renews_a_session_once_and_again_only_when_renew_after_has_passed(stores) {
        let (sessions, token) = one_session(&stores, DUE).await;
        let at = now();
        let renewed = sessions.authenticate(&token, Slide::Yes, at).await.unwrap().unwrap();
        assert_eq!((renewed.renewed, renewed.expires_at), (true, at + Policy::default().idle));
        for attribute in ["renewed_at", "last_seen_at"] {
            assert_eq!(moment(&stores, &token, attribute).await, Some(at.as_millisecond()));
        }
        let expiry = (at + Policy::default().idle).as_millisecond();
        assert_eq!(moment(&stores, &token, "idle_expires_at").await, Some(expiry));
        if stores.redis.is_some() {
            assert_eq!(hot_expiry(&stores, &token).await, expiry);
        }
        assert!(!sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
        assert_eq!(stores.dynamo_proxy.calls_of("UpdateItem"), 1);
    }

    async fn use_before_renew_after_has_passed_renews_nothing(stores) {
        let (sessions, token) = one_session(&stores, Duration::from_mins(4)).await;
        let session = sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
        assert!(!session.renewed);
        assert_eq!(stores.dynamo_proxy.calls_of("UpdateItem"), 0);
    }

    /// If the time left in Redis were cut at the absolute expiry, every request of the last hours would renew.
    async fn near_its_absolute_expiry_a_session_is_still_renewed_only_once(stores) {
        stores.account("ada").await;
        let [idle, absolute, renew_after] = [10, 11, 1].map(Duration::from_mins);
        let sessions = stores.sessions(Policy { idle, absolute, renew_after, ..Policy::default() });
        let token = log_in_at(&stores, &sessions, "ada", ago(Duration::from_mins(5))).await;
        assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
        assert!(!sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
        assert_eq!(stores.dynamo_proxy.calls_of("UpdateItem"), 1);
    }

    async fn without_sliding_a_session_that_is_due_is_proven_by_its_row_and_nothing_moves(stores) {
        let (sessions, token) = one_session(&stores, DUE).await;
        let before = (row(&stores, &token).await, stores.dynamo_proxy.calls_of("GetItem"));
        let session = sessions.authenticate(&token, Slide::No, now()).await.unwrap().unwrap();
        assert!(!session.renewed);
        assert_eq!(row(&stores, &token).await, before.0);
        assert_eq!(stores.dynamo_proxy.calls_of("GetItem") - before.1, 1);
        assert_eq!(stores.dynamo_proxy.calls_of("UpdateItem"), 0);
        if stores.redis.is_some() {
            assert_eq!(Some(hot_expiry(&stores, &token).await), moment(&stores, &token, "idle_expires_at").await);
        }
    }

    async fn a_renewal_that_loses_to_a_concurrent_transaction_tries_again(stores) {
        let (sessions, token) = one_session(&stores, DUE).await;
        stores.dynamo_proxy.break_next("UpdateItem", &[Fault::Conflict, Fault::Conflict]);
        assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    }

    async fn a_renewal_that_cannot_be_made_is_skipped_and_the_session_served(stores) {
        let (sessions, token) = one_session(&stores, DUE).await;
        stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
        assert!(!sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
        stores.dynamo_proxy.heal();
        assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    }

    /// The session was made under a longer idle time, and both stores say that it has time left.
    async fn a_session_past_a_lowered_idle_time_is_signed_out(stores) {
        for slide in [Slide::Yes, Slide::No] {
            let (_, token) = one_session(&stores, 2 * HOUR).await;
            let before = row(&stores, &token).await;
            let sessions = stores.sessions(Policy { idle: HOUR, ..Policy::default() });
            assert!(sessions.authenticate(&token, slide, now()).await.unwrap().is_none(), "{slide:?}");
            assert!(sessions.prove(&token, slide, now()).await.unwrap().is_none(), "{slide:?}");
            assert_eq!(row(&stores, &token).await, before, "{slide:?}");
            assert!(sessions.list("ada", now()).await.unwrap().is_empty());
            if stores.redis.is_some() {
                assert_eq!(hot(&stores, &token).await, None, "the copy goes, and there is no tombstone: {slide:?}");
            }
        }
    }

    /// If a hot copy outlives its row's idle time, the session is still not renewed.
    async fn a_session_that_has_gone_idle_is_not_renewed(stores) {
        let (sessions, token) = one_session(&stores, DUE).await;
        let id = token.id();
        let past = ago(Duration::from_secs(1)).as_millisecond();
        stores.change("sessions", ("session_id", id.as_str()), |row| row["idle_expires_at"] = past.into()).await;
        assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_none());
        assert_eq!(moment(&stores, &token, "idle_expires_at").await, Some(past));
    }

    /// If a renewal is refused only because of the clock, the session is not revoked.
    async fn an_instance_whose_clock_is_behind_moves_no_renewal_back(stores) {
        let (sessions, token) = one_session(&stores, 2 * DUE).await;
        let other = stores.sessions(Policy::default());
        let (at, behind) = (now(), now() - Duration::from_mins(1));
        let mut held = stores.dynamo_proxy.hold_next("UpdateItem");
        let first = async {
            held.arrived().await;
            let renewed = other.authenticate(&token, Slide::Yes, at).await.unwrap().unwrap();
            held.release();
            renewed
        };
        let (second, first) = tokio::join!(sessions.authenticate(&token, Slide::Yes, behind), first);
        let expiry = at + Policy::default().idle;
        assert_eq!((first.expires_at, second.unwrap().unwrap().expires_at), (expiry, expiry));
        assert_eq!(moment(&stores, &token, "renewed_at").await, Some(at.as_millisecond()));
        assert_eq!(moment(&stores, &token, "idle_expires_at").await, Some(expiry.as_millisecond()));
    }

    /// The row is read as live, ended, and only then renewed.
    async fn a_session_that_ends_before_its_renewal_is_signed_out(stores) {
        let (sessions, token) = one_session(&stores, DUE).await;
        let other = stores.sessions(Policy::default());
        let mut held = stores.dynamo_proxy.hold_next("UpdateItem");
        let end = async {
            held.arrived().await;
            other.revoke(&token, now()).await.unwrap().unwrap();
            held.release();
        };
        let (session, ()) = tokio::join!(sessions.authenticate(&token, Slide::Yes, now()), end);
        assert!(session.unwrap().is_none());
        let ended = moment(&stores, &token, "revoked_at").await;
        assert!(ended.is_some() && moment(&stores, &token, "renewed_at").await < ended);
        assert!(!is_alive(&sessions, &token).await);
    }
}

/// The setting was lowered after this session was made, so Redis has more time left than the setting allows. Every
/// request would renew.
#[tokio::test]
async fn a_lowered_idle_time_costs_a_session_in_use_one_renewal() {
    let stores = Stores::start().await;
    let (_, token) = one_session(&stores, Duration::from_mins(1)).await;
    let sessions = stores.sessions(Policy { idle: HOUR, ..Policy::default() });
    let at = now();
    let session = sessions.authenticate(&token, Slide::Yes, at).await.unwrap().unwrap();
    assert_eq!((session.renewed, session.expires_at), (true, at + HOUR));
    assert_eq!(moment(&stores, &token, "idle_expires_at").await, Some((at + HOUR).as_millisecond()));
    assert_eq!(hot_expiry(&stores, &token).await, (at + HOUR).as_millisecond());
    for _ in 0..20 {
        assert!(!sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    }
    assert_eq!(stores.dynamo_proxy.calls_of("UpdateItem"), 1);
}

/// A poller moves only the copy's expiry, down to what the row allows.
#[tokio::test]
async fn a_lowered_idle_time_costs_a_poller_one_read() {
    let stores = Stores::start().await;
    let (_, token) = one_session(&stores, Duration::from_mins(1)).await;
    let sessions = stores.sessions(Policy { idle: HOUR, ..Policy::default() });
    let made = moment(&stores, &token, "renewed_at").await.unwrap();
    for _ in 0..20 {
        let session = sessions.authenticate(&token, Slide::No, now()).await.unwrap().unwrap();
        assert!(session.expires_at.as_millisecond() <= made + 3_600_000);
    }
    assert_eq!(hot_expiry(&stores, &token).await, made + 3_600_000);
    assert_eq!((stores.dynamo_proxy.calls_of("GetItem"), stores.dynamo_proxy.calls_of("UpdateItem")), (1, 0));
}

/// If Redis has lost the tombstone, the row decides as soon as a renewal is due, whether or not the request slides.
#[tokio::test]
async fn a_hot_copy_of_an_ended_session_is_found_out_when_a_renewal_is_due() {
    for slide in [Slide::Yes, Slide::No] {
        let stores = Stores::start().await;
        let (sessions, token) = one_session(&stores, DUE).await;
        lose_the_tombstone(&stores, &sessions, &token).await;
        assert!(sessions.authenticate(&token, slide, now()).await.unwrap().is_none(), "{slide:?}");
        assert_eq!(hot(&stores, &token).await.as_deref(), Some("!"), "{slide:?}");
        assert!(hot_expiry(&stores, &token).await > 0, "{slide:?}");
        assert_eq!(moment(&stores, &token, "renewed_at").await, moment(&stores, &token, "created_at").await);
    }
}

#[tokio::test]
async fn a_hot_copy_without_a_row_is_found_out_when_a_renewal_is_due() {
    for slide in [Slide::Yes, Slide::No] {
        let stores = Stores::start().await;
        let (sessions, token) = one_session(&stores, DUE).await;
        remove_row(&stores, &token).await;
        assert!(sessions.authenticate(&token, slide, now()).await.unwrap().is_none(), "{slide:?}");
        assert_eq!(hot(&stores, &token).await.as_deref(), Some("!"), "{slide:?}");
        assert_eq!(row(&stores, &token).await, None, "{slide:?}");
    }
}

#[tokio::test]
async fn without_dynamodb_a_session_that_is_due_is_served_from_redis() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    stores.dynamo_proxy.break_all(None, Fault::Fail);
    for slide in [Slide::Yes, Slide::No] {
        let session = sessions.authenticate(&token, slide, now()).await.unwrap().unwrap();
        assert!(!session.renewed);
    }
}

#[tokio::test]
async fn a_renewal_counts_though_redis_does_not_take_it() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("PEXPIREAT"), RedisFault::Close);
    let at = now();
    let session = sessions.authenticate(&token, Slide::Yes, at).await.unwrap().unwrap();
    assert_eq!((session.renewed, session.expires_at), (true, at + Policy::default().idle));
    recovers(&stores).await;
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed, "still due in Redis");
}

/// Commands that Redis executes long after their request has given up on them.
#[tokio::test]
async fn a_renewal_that_arrives_late_neither_shortens_nor_stretches_a_life() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    break_redis(&stores, "PEXPIREAT", RedisFault::Late);
    sessions.authenticate(&token, Slide::Yes, ago(Duration::from_mins(1))).await.unwrap().unwrap();
    recovers(&stores).await;
    let at = now();
    assert!(sessions.authenticate(&token, Slide::Yes, at).await.unwrap().unwrap().renewed);
    proxy.deliver_late().await;
    assert_eq!(hot_expiry(&stores, &token).await, (at + Policy::default().idle).as_millisecond());
}

#[tokio::test]
async fn a_renewal_that_arrives_late_does_not_bring_an_ended_session_back() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    break_redis(&stores, "PEXPIREAT", RedisFault::Late);
    sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
    recovers(&stores).await;
    sessions.revoke(&token, now()).await.unwrap().unwrap();
    proxy.deliver_late().await;
    assert_eq!(hot(&stores, &token).await.as_deref(), Some("!"));
    assert!(!is_alive(&sessions, &token).await);
}

/// Invariant 1: only the expiry of a record ever moves.
#[tokio::test]
async fn the_record_is_the_same_after_renewals_and_restores() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, 2 * DUE).await;
    let made = hot(&stores, &token).await.unwrap();
    sessions.authenticate(&token, Slide::Yes, ago(DUE)).await.unwrap().unwrap();
    assert_eq!(hot(&stores, &token).await.as_ref(), Some(&made));
    stores.flush_redis().await;
    for slide in [Slide::No, Slide::Yes] {
        sessions.authenticate(&token, slide, now()).await.unwrap().unwrap();
        assert_eq!(hot(&stores, &token).await.as_ref(), Some(&made));
    }
}
