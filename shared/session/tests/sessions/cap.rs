//! How many sessions a user may have.

use crate::support::{ago, is_alive, is_buried, log_in, log_in_at, login, map_and_rows, why};
use session::{Error, Login, Policy};
use std::time::Duration;
use testkit::{Fault, now, on_both_stores};

const TWO: fn() -> Policy = || Policy { per_user: 2, ..Policy::default() };

on_both_stores! {
    async fn beyond_the_cap_the_oldest_by_creation_ends(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        let middle = log_in_at(&stores, &sessions, "ada", ago(Duration::from_secs(20))).await;
        let oldest = log_in_at(&stores, &sessions, "ada", ago(Duration::from_secs(30))).await;
        let newest = log_in(&stores, &sessions, "ada").await;
        assert!(is_alive(&sessions, &middle).await && is_alive(&sessions, &newest).await);
        assert!(!is_alive(&sessions, &oldest).await);
        assert!(is_buried(&stores, &oldest).await);
        assert_eq!(why(&stores, &oldest).await.as_deref(), Some("cap"));
        let (map, alive) = map_and_rows(&stores, "ada").await;
        assert_eq!((map.len(), map), (2, alive));
    }

    /// An instance whose clock is behind makes a session that looks older than all others.
    async fn the_session_just_made_is_never_the_one_that_ends(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        let first = log_in_at(&stores, &sessions, "ada", ago(Duration::from_secs(20))).await;
        let second = log_in_at(&stores, &sessions, "ada", ago(Duration::from_secs(10))).await;
        let made = log_in_at(&stores, &sessions, "ada", ago(Duration::from_secs(30))).await;
        assert!(!is_alive(&sessions, &first).await);
        assert!(is_alive(&sessions, &second).await && is_alive(&sessions, &made).await);
    }

    /// After the absolute time was shortened, a younger session may end before an older one.
    async fn age_counts_from_creation_and_not_to_the_absolute_expiry(stores) {
        stores.account("ada").await;
        let (long, short) = (stores.sessions(TWO()), stores.sessions(Policy { absolute: Duration::from_hours(24), ..TWO() }));
        let older = log_in_at(&stores, &long, "ada", ago(Duration::from_mins(3))).await;
        let younger = log_in_at(&stores, &short, "ada", ago(Duration::from_mins(2))).await;
        log_in(&stores, &short, "ada").await;
        assert!(!is_alive(&short, &older).await);
        assert!(is_alive(&short, &younger).await);
    }

    async fn expired_sessions_do_not_count(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        let live = log_in_at(&stores, &sessions, "ada", ago(Duration::from_mins(3))).await;
        log_in_at(&stores, &sessions, "ada", ago(TWO().absolute)).await;
        log_in(&stores, &sessions, "ada").await;
        assert!(is_alive(&sessions, &live).await);
    }

    /// Signing in again where one was signed in costs no other place its session.
    async fn the_session_that_a_login_replaces_makes_room_for_it(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        let elsewhere = log_in_at(&stores, &sessions, "ada", ago(Duration::from_secs(20))).await;
        let here = log_in(&stores, &sessions, "ada").await;
        let login = Login { presented: Some(&here), ..login(stores.stored_account("ada").await) };
        let (again, _) = sessions.create(login, now()).await.unwrap();
        assert!(!is_alive(&sessions, &here).await);
        assert!(is_alive(&sessions, &elsewhere).await && is_alive(&sessions, &again).await);
    }

    async fn a_login_succeeds_though_the_oldest_session_cannot_be_ended(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        log_in(&stores, &sessions, "ada").await;
        log_in(&stores, &sessions, "ada").await;
        stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
        let token = log_in(&stores, &sessions, "ada").await;
        stores.dynamo_proxy.heal();
        assert!(is_alive(&sessions, &token).await);
        log_in(&stores, &sessions, "ada").await;
        assert_eq!(map_and_rows(&stores, "ada").await.0.len(), 2, "the next login makes up for it");
    }

    async fn a_map_at_twice_the_cap_refuses_and_the_repeat_finds_room(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        overfill(&stores, &sessions, now()).await;
        let account = stores.stored_account("ada").await;
        let refused = sessions.create(login(account.clone()), now()).await;
        assert!(matches!(refused, Err(Error::Full)), "{refused:?}");
        assert_eq!(stores.stored_account("ada").await, account);
        stores.dynamo_proxy.heal();
        let refused = sessions.create(login(account), now()).await;
        assert!(matches!(refused, Err(Error::Full)), "{refused:?}");
        let token = log_in(&stores, &sessions, "ada").await;
        assert!(is_alive(&sessions, &token).await);
        let (map, alive) = map_and_rows(&stores, "ada").await;
        assert_eq!((map.len(), map), (2, alive));
    }

    /// The check before the transaction saw room; the transaction sees none.
    async fn a_map_that_fills_up_meanwhile_refuses_too(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        let read_before = stores.stored_account("ada").await;
        overfill(&stores, &sessions, now()).await;
        let refused = sessions.create(login(read_before), now()).await;
        assert!(matches!(refused, Err(Error::Superseded)), "{refused:?}");
        assert_eq!(map_and_rows(&stores, "ada").await.0.len(), 4);
    }

    async fn sessions_that_have_expired_never_lock_their_user_out(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        overfill(&stores, &sessions, ago(TWO().absolute)).await;
        stores.dynamo_proxy.heal();
        let token = log_in(&stores, &sessions, "ada").await;
        assert!(is_alive(&sessions, &token).await);
        assert_eq!(map_and_rows(&stores, "ada").await.0, [token.id().to_string()]);
    }
}

/// Four sessions begun at `at` where two are allowed, because none could be ended. They cannot yet.
async fn overfill(stores: &testkit::Stores, sessions: &session::Sessions, at: jiff::Timestamp) {
    stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
    for _ in 0..4 {
        log_in_at(stores, sessions, "ada", at).await;
    }
}
