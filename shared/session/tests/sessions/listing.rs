//! What a user sees of the other sessions, and ends from there.

use crate::support::{is_alive, is_buried, log_in, log_in_at, login, map_and_rows, remove_row, why};
use jiff::SignedDuration;
use session::{Error, Kind, Policy, SessionId, Slide, Token, Why};
use std::time::Duration;
use testkit::{Fault, RedisFault, Stores, now, on_both_stores};

on_both_stores! {
    async fn the_list_has_the_live_sessions_of_the_user_and_nobody_elses(stores) {
        stores.account("ada").await;
        stores.account("bob").await;
        let sessions = stores.sessions(Policy::default());
        let old = log_in_at(&stores, &sessions, "ada", now() - Duration::from_hours(1)).await;
        let new = log_in(&stores, &sessions, "ada").await;
        let ended = log_in(&stores, &sessions, "ada").await;
        sessions.revoke(&ended, now()).await.unwrap();
        log_in_at(&stores, &sessions, "ada", now() - Policy::default().idle).await;
        log_in(&stores, &sessions, "bob").await;
        let account = stores.stored_account("ada").await;
        let (phone, _) = sessions.create_device(login(account), "Phone".to_owned(), now() - Duration::from_mins(1)).await.unwrap();

        let listed = sessions.list("ada", now()).await.unwrap();
        let ids: Vec<_> = listed.iter().map(|session| session.id.clone()).collect();
        assert_eq!(ids, [new.id(), phone.id(), old.id()], "the last one seen first");
        assert_eq!(listed.iter().map(|session| session.record.kind).collect::<Vec<_>>(), [Kind::Browser, Kind::Device, Kind::Browser]);
        assert!(sessions.list("nobody", now()).await.unwrap().is_empty());

        sessions.authenticate(&old, Slide::Yes, now()).await.unwrap().unwrap();
        let listed = sessions.list("ada", now()).await.unwrap();
        let seen = listed.iter().find(|session| session.id == old.id()).unwrap();
        assert!(now().duration_since(seen.last_seen_at) < SignedDuration::from_mins(1), "a renewal counts as being seen");
        assert_eq!(seen.expires_at, seen.last_seen_at + Policy::default().idle);
    }

    /// ASVS 7.5.2: and the others live on.
    async fn one_session_ends_by_its_id(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        let (one, other) = (log_in(&stores, &sessions, "ada").await, log_in(&stores, &sessions, "ada").await);
        for _ in 0..2 {
            assert!(sessions.end_one("ada", &one.id(), Why::Ended, now()).await.unwrap().is_some());
        }
        assert!(!is_alive(&sessions, &one).await && is_buried(&stores, &one).await);
        assert!(is_alive(&sessions, &other).await);
        assert_eq!(why(&stores, &one).await.as_deref(), Some("ended"));
        let (map, alive) = map_and_rows(&stores, "ada").await;
        assert_eq!((map.len(), map), (1, alive));
    }

    /// ASVS 8.2.2.
    async fn a_foreign_or_unknown_id_ends_nothing(stores) {
        stores.account("ada").await;
        stores.account("bob").await;
        let sessions = stores.sessions(Policy::default());
        let bobs = log_in(&stores, &sessions, "bob").await;
        for id in [bobs.id(), Token::generate().unwrap().id()] {
            assert!(sessions.end_one("ada", &id, Why::Ended, now()).await.unwrap().is_none());
        }
        assert!(is_alive(&sessions, &bobs).await);
    }

    async fn all_others_end_and_the_kept_one_and_the_epoch_stay(stores) {
        stores.account("ada").await;
        stores.account("bob").await;
        let sessions = stores.sessions(Policy::default());
        let kept = log_in(&stores, &sessions, "ada").await;
        let others = [log_in(&stores, &sessions, "ada").await, log_in(&stores, &sessions, "ada").await];
        let account = stores.stored_account("ada").await;
        let (phone, _) = sessions.create_device(login(account), "Phone".to_owned(), now()).await.unwrap();
        let bobs = log_in(&stores, &sessions, "bob").await;
        assert_eq!(sessions.end_others("ada", &kept.id(), now()).await.unwrap(), 3);
        assert_eq!(sessions.end_others("ada", &kept.id(), now()).await.unwrap(), 0);
        for token in &others {
            assert!(!is_alive(&sessions, token).await && is_buried(&stores, token).await);
        }
        assert!(matches!(sessions.refresh(&phone, now()).await.unwrap(), session::Refresh::SignedOut));
        assert!(is_alive(&sessions, &kept).await && is_alive(&sessions, &bobs).await);
        let account = stores.stored_account("ada").await;
        assert_eq!((account.security_epoch, account.sessions.len()), (0, 1));
    }

    async fn a_session_without_a_row_is_not_listed(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        let token = log_in(&stores, &sessions, "ada").await;
        remove_row(&stores, &token).await;
        assert!(sessions.list("ada", now()).await.unwrap().is_empty());
        assert_eq!(sessions.end_others("ada", &Token::generate().unwrap().id(), now()).await.unwrap(), 0);
    }

    async fn a_busy_dynamodb_that_leaves_rows_out_is_asked_again(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        log_in(&stores, &sessions, "ada").await;
        stores.dynamo_proxy.break_next("BatchGetItem", &[Fault::Throttle]);
        assert_eq!(sessions.list("ada", now()).await.unwrap().len(), 1);
        stores.dynamo_proxy.break_all(Some("BatchGetItem"), Fault::Fail);
        assert!(matches!(sessions.list("ada", now()).await, Err(Error::Store(_))));
    }
}

/// One cannot be ended: the others are finished all the same.
#[tokio::test]
async fn an_ending_that_fails_spares_no_other() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let (kept, broken) = (log_in(&stores, &sessions, "ada").await, log_in(&stores, &sessions, "ada").await);
    let others = [log_in(&stores, &sessions, "ada").await, log_in(&stores, &sessions, "ada").await];
    stores.change("sessions", ("session_id", broken.id().as_str()), |row| row["name"] = 7.into()).await;
    let ended = sessions.end_others("ada", &kept.id(), now()).await;
    assert!(matches!(ended, Err(Error::Store(_))), "{ended:?}");
    for other in &others {
        assert!(!is_alive(&sessions, other).await && is_buried(&stores, other).await);
    }
    let left: Vec<_> = stores.stored_account("ada").await.sessions.into_keys().collect();
    assert!(left.len() == 2 && left.contains(&broken.id()), "a repeat tries it again: {left:?}");
}

/// The row first, then the tombstone, then the map; and never more than eight rows at once.
#[tokio::test]
async fn others_end_side_by_side_and_each_in_the_order_of_the_protocol() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let kept = log_in(&stores, &sessions, "ada").await;
    for _ in 0..10 {
        log_in(&stores, &sessions, "ada").await;
    }
    let (ended, steps) = stores.in_steps(sessions.end_others("ada", &kept.id(), now())).await;
    assert_eq!(ended.unwrap(), 10);
    let steps: Vec<_> = steps.iter().map(|step| (step[0].as_str(), step.len())).collect();
    let marks = [("UpdateItem", 8), ("UpdateItem", 2)];
    assert_eq!(steps, [&[("GetItem", 1)], &marks[..], &[("SET", 1), ("SET", 9), ("UpdateItem", 1)]].concat());
}

/// Redis fails after the row is marked: the answer is not 204, and the repeat finishes.
#[tokio::test]
async fn an_ending_that_redis_did_not_take_is_finished_by_the_repeat() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let (kept, one) = (log_in(&stores, &sessions, "ada").await, log_in(&stores, &sessions, "ada").await);
    let redis = stores.redis_proxy.as_ref().unwrap();
    redis.break_all(None, RedisFault::Close);
    assert!(matches!(sessions.end_one("ada", &one.id(), Why::Ended, now()).await, Err(Error::Unfinished(_))));
    assert!(matches!(sessions.end_others("ada", &kept.id(), now()).await, Err(Error::Unfinished(_))));
    redis.heal();
    assert_eq!(sessions.end_others("ada", &kept.id(), now()).await.unwrap(), 0, "it was over already");
    assert!(is_buried(&stores, &one).await && !is_alive(&sessions, &one).await);
}

#[test]
fn only_a_hash_is_an_id() {
    assert!(SessionId::parse(Token::generate().unwrap().id().as_str()).is_some());
    for text in ["", "x", "session:x", &"a".repeat(44), &"\u{e9}".repeat(43)] {
        assert!(SessionId::parse(text).is_none(), "{text}");
    }
}
