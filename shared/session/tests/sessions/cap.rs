//! How many sessions a user may have.

use crate::support::{ago, is_alive, is_buried, log_in, log_in_at, login, map_and_rows, remove_row, why};
use session::{Error, Login, Policy, Refresh, RefreshToken, Sessions, Slide};
use std::time::Duration;
use testkit::{Fault, Stores, now, on_both_stores};

const TWO: fn() -> Policy = || Policy { per_user: 2, devices_per_user: 1, ..Policy::default() };

on_both_stores! {
    async fn beyond_the_cap_the_oldest_ends_where_none_was_used_since(stores) {
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

    /// A script's sign-ins must not end the session of a person at work.
    async fn what_was_used_last_stays_however_old_it_is(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        let oldest = log_in_at(&stores, &sessions, "ada", ago(Duration::from_mins(30))).await;
        let younger = log_in_at(&stores, &sessions, "ada", ago(Duration::from_mins(20))).await;
        let used = sessions.authenticate(&oldest, Slide::Yes, ago(Duration::from_mins(10))).await.unwrap().unwrap();
        assert!(used.renewed);
        log_in(&stores, &sessions, "ada").await;
        assert!(is_alive(&sessions, &oldest).await && !is_alive(&sessions, &younger).await);
    }

    /// Each kind has its own share.
    async fn browsers_end_no_device_and_devices_end_no_browser(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        let first = device(&stores, &sessions, Duration::from_mins(9)).await;
        let browser = log_in_at(&stores, &sessions, "ada", ago(Duration::from_mins(8))).await;
        log_in_at(&stores, &sessions, "ada", ago(Duration::from_mins(7))).await;
        log_in_at(&stores, &sessions, "ada", ago(Duration::from_mins(6))).await;
        assert!(lives(&sessions, &first).await && !is_alive(&sessions, &browser).await);
        let second = device(&stores, &sessions, Duration::from_mins(5)).await;
        assert!(!lives(&sessions, &first).await && lives(&sessions, &second).await);
        let row = stores.row("sessions", ("session_id", first.id().as_str())).await.unwrap();
        assert_eq!(row["revoked_why"], "cap");
        let (map, alive) = map_and_rows(&stores, "ada").await;
        assert_eq!((map.len(), map), (3, alive));
    }

    /// An entry whose row is gone belongs to no live session, and ends no live one.
    async fn an_entry_without_a_row_goes_first(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        let live = log_in_at(&stores, &sessions, "ada", ago(Duration::from_mins(3))).await;
        let gone = log_in_at(&stores, &sessions, "ada", ago(Duration::from_mins(2))).await;
        remove_row(&stores, &gone).await;
        log_in(&stores, &sessions, "ada").await;
        assert!(is_alive(&sessions, &live).await && is_buried(&stores, &gone).await);
        let (map, alive) = map_and_rows(&stores, "ada").await;
        assert_eq!((map.len(), map), (2, alive));
    }

    /// Reading the rows costs a call, which a login under the cap does not make.
    async fn rows_are_read_at_the_cap_only(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        for reads in [0, 0, 1] {
            let before = stores.dynamo_proxy.calls_of("BatchGetItem");
            log_in(&stores, &sessions, "ada").await;
            assert_eq!(stores.dynamo_proxy.calls_of("BatchGetItem") - before, reads);
        }
    }

    /// A person waits for this login: if one session cannot be ended, the others are left to the next login.
    async fn after_the_first_that_cannot_be_ended_no_other_is_tried(stores) {
        stores.account("ada").await;
        let three = stores.sessions(Policy { per_user: 3, ..TWO() });
        for _ in 0..3 {
            log_in(&stores, &three, "ada").await;
        }
        stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
        let before = stores.dynamo_proxy.calls_of("UpdateItem");
        log_in(&stores, &stores.sessions(TWO()), "ada").await;
        assert_eq!(stores.dynamo_proxy.calls_of("UpdateItem") - before, 3, "the attempts at one write");
    }

    async fn a_login_succeeds_though_the_rows_cannot_be_read(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        stores.dynamo_proxy.break_all(Some("BatchGetItem"), Fault::Fail);
        for _ in 0..3 {
            log_in(&stores, &sessions, "ada").await;
        }
        stores.dynamo_proxy.heal();
        log_in(&stores, &sessions, "ada").await;
        assert_eq!(map_and_rows(&stores, "ada").await.0.len(), 2, "the next login makes up for it");
    }

    async fn expired_sessions_do_not_count(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        let live = log_in_at(&stores, &sessions, "ada", ago(Duration::from_mins(3))).await;
        log_in_at(&stores, &sessions, "ada", ago(TWO().absolute)).await;
        log_in(&stores, &sessions, "ada").await;
        assert!(is_alive(&sessions, &live).await);
    }

    /// Signing in again in the same browser ends no session elsewhere.
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

    /// The check before the transaction found room, but the transaction finds none.
    async fn a_map_that_fills_up_meanwhile_refuses_too(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        let read_before = stores.stored_account("ada").await;
        overfill(&stores, &sessions, now()).await;
        for _ in 0..2 {
            device(&stores, &sessions, Duration::ZERO).await;
        }
        let refused = sessions.create(login(read_before), now()).await;
        assert!(matches!(refused, Err(Error::Superseded)), "{refused:?}");
        assert_eq!(map_and_rows(&stores, "ada").await.0.len(), 6);
    }

    /// The other kind has room.
    async fn browsers_at_twice_their_cap_refuse_no_device(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(TWO());
        overfill(&stores, &sessions, now()).await;
        let refused = sessions.create(login(stores.stored_account("ada").await), now()).await;
        assert!(matches!(refused, Err(Error::Full)), "{refused:?}");
        device(&stores, &sessions, Duration::ZERO).await;
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

/// A device of Ada's, signed in `age` ago.
async fn device(stores: &Stores, sessions: &Sessions, age: Duration) -> RefreshToken {
    let account = stores.stored_account("ada").await;
    sessions.create_device(login(account), "Phone".to_owned(), ago(age)).await.unwrap().0
}

async fn lives(sessions: &Sessions, token: &RefreshToken) -> bool {
    // At this moment every token is young, so nothing moves.
    matches!(sessions.refresh(token, ago(Duration::from_hours(1))).await.unwrap(), Refresh::Granted { .. })
}

/// Four sessions begun at `at` where two are allowed, because none could be ended. They still cannot.
async fn overfill(stores: &Stores, sessions: &Sessions, at: jiff::Timestamp) {
    stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
    for _ in 0..4 {
        log_in_at(stores, sessions, "ada", at).await;
    }
}
