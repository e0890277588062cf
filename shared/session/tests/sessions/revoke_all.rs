//! Ending every session of a user.

use crate::support::{
    ago, hot, is_alive, is_buried, key, keys, log_in, log_in_at, map_and_rows, one_session, put_account, put_row,
    remove_row, row, why,
};
use dynamo::text;
use session::{Account, Error, Policy, Sessions, Token};
use std::time::Duration;
use testkit::{Fault, RedisFault, Stores, now, on_both_stores};

/// Ada with three sessions, Bob with one.
async fn ada_and_bob(stores: &Stores) -> (Sessions, Vec<Token>, Token) {
    let (sessions, first) = one_session(stores, Duration::ZERO).await;
    stores.account("bob").await;
    let adas = vec![first, log_in(stores, &sessions, "ada").await, log_in(stores, &sessions, "ada").await];
    let bobs = log_in(stores, &sessions, "bob").await;
    (sessions, adas, bobs)
}

on_both_stores! {
    async fn every_session_of_the_user_ends_and_nobody_elses(stores) {
        let (sessions, adas, bobs) = ada_and_bob(&stores).await;
        let ended = sessions.revoke_all(&adas[1], now()).await.unwrap().unwrap();
        assert_eq!((ended.user_id.as_str(), ended.sessions), ("ada", 3));
        for token in &adas {
            assert!(!is_alive(&sessions, token).await);
            assert!(is_buried(&stores, token).await);
            assert_eq!(why(&stores, token).await.as_deref(), Some("logout_all"));
        }
        let account = stores.stored_account("ada").await;
        assert_eq!((account.security_epoch, account.sessions.len()), (1, 0));
        assert!(is_alive(&sessions, &bobs).await);
    }

    async fn a_session_that_had_ended_before_keeps_its_reason(stores) {
        let (sessions, adas, _) = ada_and_bob(&stores).await;
        // It was not tidied, so it is still in the map.
        stores.dynamo_proxy.break_next("UpdateItem", &[Fault::Pass, Fault::Fail, Fault::Fail, Fault::Fail]);
        sessions.revoke(&adas[0], now()).await.unwrap().unwrap();
        sessions.revoke_all(&adas[1], now()).await.unwrap().unwrap();
        assert_eq!(why(&stores, &adas[0]).await.as_deref(), Some("logout"));
    }

    async fn a_dead_or_made_up_token_never_starts_it(stores) {
        let (sessions, adas, _) = ada_and_bob(&stores).await;
        let expired = log_in_at(&stores, &sessions, "ada", ago(Policy::default().idle)).await;
        sessions.revoke(&adas[0], now()).await.unwrap().unwrap();
        for token in [&adas[0], &expired, &Token::generate().unwrap()] {
            assert_eq!(sessions.revoke_all(token, now()).await.unwrap(), None);
        }
        assert!(is_alive(&sessions, &adas[1]).await && is_alive(&sessions, &adas[2]).await);
        assert_eq!(stores.stored_account("ada").await.security_epoch, 0);
    }

    /// The map is part of the condition: a session that was made meanwhile ends with the others.
    async fn a_login_that_commits_meanwhile_ends_too(stores) {
        let (sessions, adas, _) = ada_and_bob(&stores).await;
        let other = stores.sessions(Policy::default());
        let mut held = stores.dynamo_proxy.hold_next("TransactWriteItems");
        let meanwhile = async {
            held.arrived().await;
            let token = log_in(&stores, &other, "ada").await;
            held.release();
            token
        };
        let (ended, token) = tokio::join!(sessions.revoke_all(&adas[0], now()), meanwhile);
        assert_eq!(ended.unwrap().unwrap().sessions, 4);
        assert!(!is_alive(&sessions, &token).await);
        assert_eq!(map_and_rows(&stores, "ada").await, (vec![], vec![]));
    }

    async fn a_conflict_with_another_transaction_is_tried_again(stores) {
        let (sessions, adas, _) = ada_and_bob(&stores).await;
        stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::Conflict, Fault::Conflict]);
        assert_eq!(sessions.revoke_all(&adas[0], now()).await.unwrap().unwrap().sessions, 3);
        assert!(!is_alive(&sessions, &adas[2]).await);
    }

    async fn nothing_has_ended_when_the_commit_fails(stores) {
        let (sessions, adas, _) = ada_and_bob(&stores).await;
        stores.dynamo_proxy.break_all(Some("TransactWriteItems"), Fault::Fail);
        let answer = sessions.revoke_all(&adas[0], now()).await;
        assert!(matches!(answer, Err(Error::Store(_))), "{answer:?}");
        for token in &adas {
            assert!(is_alive(&sessions, token).await);
        }
    }

    /// A transaction takes 100 items: the highest cap leaves room for twice as many sessions.
    async fn the_fullest_map_ends_in_one_transaction(stores) {
        let (sessions, token) = one_session(&stores, Duration::ZERO).await;
        let mut account = stores.stored_account("ada").await;
        let (model, entry) = (row(&stores, &token).await.unwrap(), account.sessions[&token.id()].clone());
        for _ in 1..96 {
            let id = Token::generate().unwrap().id();
            put_row(&stores, [model.clone(), [("session_id".to_owned(), text(&id))].into()].into_iter().flatten().collect())
                .await;
            account.sessions.insert(id, entry.clone());
        }
        put_account(&stores, &account).await;
        assert_eq!(sessions.revoke_all(&token, now()).await.unwrap().unwrap().sessions, 96);
        assert_eq!(map_and_rows(&stores, "ada").await, (vec![], vec![]));
        if stores.redis.is_some() {
            assert_eq!(keys(&stores).await, 96);
        }
    }

    /// A missing row, though the map names it, must not keep a session alive.
    async fn a_session_without_a_row_is_dead_and_stays_so(stores) {
        let (sessions, adas, _) = ada_and_bob(&stores).await;
        remove_row(&stores, &adas[2]).await;
        assert_eq!(sessions.revoke_all(&adas[0], now()).await.unwrap().unwrap().sessions, 3);
        stores.flush_redis().await;
        assert!(!is_alive(&sessions, &adas[2]).await);
        assert!(sessions.revoke(&adas[2], now()).await.unwrap().is_none());
        assert_eq!(sessions.revoke_all(&adas[2], now()).await.unwrap(), None);
    }

    /// Without the user there is no map to find the other sessions by.
    async fn a_session_whose_user_is_gone_ends_at_least_itself(stores) {
        let (sessions, adas, _) = ada_and_bob(&stores).await;
        let dynamo = stores.dynamo_itself();
        let delete = dynamo.client().delete_item().table_name(dynamo.table(Account::TABLE));
        delete.key("user_id", text("ada")).send().await.unwrap();
        assert_eq!(sessions.revoke_all(&adas[0], now()).await.unwrap().unwrap().sessions, 1);
        assert!(!is_alive(&sessions, &adas[0]).await);
    }
}

#[tokio::test]
async fn it_is_not_reported_before_redis_has_every_tombstone_and_a_repeat_finishes_it() {
    let stores = Stores::start().await;
    let (sessions, adas, _) = ada_and_bob(&stores).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    for _ in 0..2 {
        let answer = sessions.revoke_all(&adas[0], now()).await;
        assert!(matches!(answer, Err(Error::Unfinished(_))), "{answer:?}");
    }
    let account = stores.stored_account("ada").await;
    assert_eq!((account.security_epoch, account.sessions.len()), (1, 3), "committed once, and not tidied");
    proxy.heal();
    assert_eq!(sessions.revoke_all(&adas[0], now()).await.unwrap().unwrap().sessions, 3);
    for token in &adas {
        assert!(is_buried(&stores, token).await);
    }
    assert!(stores.stored_account("ada").await.sessions.is_empty());
    let again = sessions.revoke_all(&adas[0], now()).await.unwrap().unwrap();
    assert_eq!(again.sessions, 0, "nothing is left to finish, and the answer may have been lost");
}

/// Redis took only the caller's own tombstone.
#[tokio::test]
async fn a_repeat_finishes_it_though_the_callers_own_session_is_buried() {
    let stores = Stores::start().await;
    let (sessions, adas, _) = ada_and_bob(&stores).await;
    let proxy = stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    assert!(sessions.revoke_all(&adas[0], now()).await.is_err());
    proxy.heal();
    stores.redis_command::<()>(&["SET", &key(&adas[0]), "!"]).await;
    assert!(hot(&stores, &adas[1]).await.is_some_and(|value| value != "!"));
    assert_eq!(sessions.revoke_all(&adas[0], now()).await.unwrap().unwrap().sessions, 3);
    assert!(!is_alive(&sessions, &adas[1]).await && !is_alive(&sessions, &adas[2]).await);
}
