//! Beginning a session.

use crate::support::{
    ago, hot, hot_expiry, is_alive, is_buried, key, keys, log_in, log_in_at, login, map_and_rows, moment, put_account,
    recovers, rows, why,
};
use dynamo::text;
use session::{Account, Client, Error, Login, Policy, Slide, Status, Token};
use std::{sync::Arc, time::Duration};
use testkit::{Fault, RedisFault, Stores, now, on_both_stores};

on_both_stores! {
    async fn a_session_is_what_the_account_was_at_its_login(stores) {
        stores.account("ada").await;
        let (sessions, at) = (stores.sessions(Policy::default()), now());
        let (token, made) = sessions.create(login(stores.stored_account("ada").await), at).await.unwrap();
        let seen = sessions.authenticate(&token, Slide::Yes, at).await.unwrap().unwrap();
        assert_eq!((&made.id, &made.record), (&token.id(), &seen.record));
        assert_eq!((seen.record.user_id.as_str(), seen.record.email.as_deref()), ("ada", Some("ada@example.com")));
        assert_eq!((seen.record.scopes.as_slice(), seen.record.auth_method.as_str()), (&["read".to_owned()][..], "password"));
        assert_eq!((seen.record.created_at, seen.record.auth_time), (at, at));
        assert_eq!(seen.record.absolute_expires_at, at + Policy::default().absolute);
        assert_eq!((made.expires_at, made.renewed), (at + Policy::default().idle, false));
    }

    async fn the_row_says_where_a_login_came_from(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        let client = Client { ip: Some("192.0.2.7".to_owned()), user_agent: Some("Browser/1".to_owned()), browser: None };
        let login = Login { client, ..login(stores.stored_account("ada").await) };
        let (token, _) = sessions.create(login, now()).await.unwrap();
        let row = crate::support::row(&stores, &token).await.unwrap();
        assert_eq!((&row["ip"], &row["user_agent"]), (&text("192.0.2.7"), &text("Browser/1")));
    }

    /// ASVS 7.2.4: the token is new, whichever token the browser presents.
    async fn a_presented_token_is_never_adopted(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        let (made_up, known) = (Token::generate().unwrap(), log_in(&stores, &sessions, "ada").await);
        for presented in [&made_up, &known] {
            let login = Login { presented: Some(presented), ..login(stores.stored_account("ada").await) };
            let (token, _) = sessions.create(login, now()).await.unwrap();
            assert_ne!(token.id(), presented.id());
            assert!(is_alive(&sessions, &token).await);
            assert!(!is_alive(&sessions, presented).await);
        }
    }

    /// ASVS 7.2.4: the session before the login ends with it.
    async fn the_presented_session_ends_whoevers_it_was(stores) {
        stores.account("ada").await;
        stores.account("bob").await;
        let sessions = stores.sessions(Policy::default());
        let adas = log_in(&stores, &sessions, "ada").await;
        let login = Login { presented: Some(&adas), ..login(stores.stored_account("bob").await) };
        let (bobs, _) = sessions.create(login, now()).await.unwrap();
        assert!(is_alive(&sessions, &bobs).await);
        assert!(!is_alive(&sessions, &adas).await);
        assert!(is_buried(&stores, &adas).await);
        assert_eq!(why(&stores, &adas).await.as_deref(), Some("replaced"));
        assert!(stores.stored_account("ada").await.sessions.is_empty());
    }

    async fn a_login_succeeds_though_the_presented_session_cannot_be_ended(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        let old = log_in(&stores, &sessions, "ada").await;
        stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
        let login = Login { presented: Some(&old), ..login(stores.stored_account("ada").await) };
        let (token, _) = sessions.create(login, now()).await.unwrap();
        assert!(is_alive(&sessions, &token).await);
    }

    /// A password change ends all sessions between the credential's check and the login's commit: the change must win.
    async fn a_login_is_committed_only_under_the_epoch_it_read(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        let other = log_in(&stores, &sessions, "ada").await;
        let read_before = stores.stored_account("ada").await;
        sessions.revoke_all(&other, now()).await.unwrap().unwrap();
        let answer = sessions.create(login(read_before), now()).await;
        assert!(matches!(answer, Err(Error::Superseded)), "{answer:?}");
        assert_eq!(map_and_rows(&stores, "ada").await, (vec![], vec![]));
        assert_eq!(rows(&stores).await.len(), 1, "nothing was written");
    }

    /// ASVS 7.4.2.
    async fn an_account_disabled_meanwhile_begins_no_session(stores) {
        let read_before = stores.account("ada").await;
        put_account(&stores, &Account { status: Status::Disabled, ..read_before.clone() }).await;
        let answer = stores.sessions(Policy::default()).create(login(read_before), now()).await;
        assert!(matches!(answer, Err(Error::Superseded)), "{answer:?}");
        assert!(rows(&stores).await.is_empty());
    }

    async fn a_login_that_loses_to_a_concurrent_transaction_tries_again(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::Conflict, Fault::Conflict]);
        let token = log_in(&stores, &sessions, "ada").await;
        assert!(is_alive(&sessions, &token).await);
    }

    async fn a_login_drops_expired_sessions_from_the_map(stores) {
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        log_in_at(&stores, &sessions, "ada", ago(Policy::default().absolute)).await;
        let token = log_in(&stores, &sessions, "ada").await;
        let account = stores.stored_account("ada").await;
        assert_eq!(account.sessions.keys().collect::<Vec<_>>(), [&token.id()]);
    }
}

#[tokio::test]
async fn the_hot_copy_expires_at_the_moment_the_row_says() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let at = ago(Duration::from_mins(4));
    let token = log_in_at(&stores, &sessions, "ada", at).await;
    let expiry = (at + Policy::default().idle).as_millisecond();
    assert_eq!(hot_expiry(&stores, &token).await, expiry);
    assert_eq!(moment(&stores, &token, "idle_expires_at").await, Some(expiry));
}

#[tokio::test]
async fn a_login_succeeds_without_redis_and_the_next_request_restores() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let proxy = stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(None, RedisFault::Close);
    let token = log_in(&stores, &sessions, "ada").await;
    assert_eq!(hot(&stores, &token).await, None);
    recovers(&stores).await;
    assert!(is_alive(&sessions, &token).await);
    assert!(hot(&stores, &token).await.is_some());
}

#[tokio::test]
async fn a_made_up_token_presented_with_a_login_costs_no_memory() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let made_up = Token::generate().unwrap();
    let login = Login { presented: Some(&made_up), ..login(stores.stored_account("ada").await) };
    sessions.create(login, now()).await.unwrap();
    assert_eq!(keys(&stores).await, 1);
}

/// The row is committed and the hot copy is on its way when a sign-out everywhere comes between.
#[tokio::test]
async fn a_login_does_not_replace_the_tombstone_of_its_own_session() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let (sessions, slow) = (stores.sessions(Policy::default()), Arc::new(stores.sessions(Policy::default())));
    let other = log_in(&stores, &sessions, "ada").await;
    let account = stores.stored_account("ada").await;
    let mut held = stores.redis_proxy.as_ref().unwrap().hold_next("SET");
    let login = tokio::spawn(async move { slow.create(login(account), now()).await.unwrap().0 });
    held.arrived().await;
    assert_eq!(sessions.revoke_all(&other, now()).await.unwrap().unwrap().sessions, 2);
    held.release();
    let token = login.await.unwrap();
    assert!(is_buried(&stores, &token).await);
    assert!(!is_alive(&sessions, &token).await);
}

/// The next login finishes what a sign-out everywhere has left.
#[tokio::test]
async fn a_login_finishes_an_unfinished_sign_out_everywhere() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let (one, two) = (log_in(&stores, &sessions, "ada").await, log_in(&stores, &sessions, "ada").await);
    let proxy = stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    let answer = sessions.revoke_all(&one, now()).await;
    assert!(matches!(answer, Err(Error::Unfinished(_))), "{answer:?}");
    proxy.heal();
    assert!(hot(&stores, &two).await.is_some_and(|value| value != "!"), "{} is not buried yet", key(&two));
    let token = log_in(&stores, &sessions, "ada").await;
    for ended in [&one, &two] {
        assert!(is_buried(&stores, ended).await);
        assert!(!is_alive(&sessions, ended).await);
    }
    let account = stores.stored_account("ada").await;
    assert_eq!(account.sessions.keys().collect::<Vec<_>>(), [&token.id()]);
}
