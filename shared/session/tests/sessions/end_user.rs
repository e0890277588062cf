//! Ending every session of a user together with the change that calls for it.

use crate::support::{is_alive, is_buried, log_in, login, map_and_rows, why};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use dynamo::text;
use session::{Change, Ended, Ending, Error, Login, Policy, Sessions, Standing, Status, Token, Why};
use testkit::{Fault, RedisFault, Stores, now, on_both_stores};

async fn ada(stores: &Stores) -> (Sessions, [Token; 2]) {
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let tokens = [log_in(stores, &sessions, "ada").await, log_in(stores, &sessions, "ada").await];
    (sessions, tokens)
}

fn ending(why: Why) -> Ending {
    Ending { why, epoch: None, change: Change::Nothing, also: Vec::new() }
}

/// A write to another table that succeeds once.
fn mark(stores: &Stores) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(stores.dynamo_itself().table("challenges"))
        .item("token_hash", text("mark"))
        .condition_expression("attribute_not_exists(token_hash)");
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

async fn is_marked(stores: &Stores) -> bool {
    stores.row("challenges", ("token_hash", "mark")).await.is_some()
}

on_both_stores! {
    async fn the_change_and_the_endings_are_one(stores) {
        let (sessions, tokens) = ada(&stores).await;
        let change = Ending { epoch: Some(0), also: vec![mark(&stores)], ..ending(Why::PasswordReset) };
        let ended = sessions.end_user("ada", change, now()).await.unwrap();
        assert_eq!(ended, Ended { user_id: "ada".to_owned(), sessions: 2, epoch: 1 });
        assert!(is_marked(&stores).await);
        for token in &tokens {
            assert!(!is_alive(&sessions, token).await && is_buried(&stores, token).await);
            assert_eq!(why(&stores, token).await.as_deref(), Some("password_reset"));
        }
        assert_eq!(map_and_rows(&stores, "ada").await, (vec![], vec![]));
    }

    async fn where_a_condition_does_not_hold_nothing_is_written(stores) {
        let (sessions, tokens) = ada(&stores).await;
        let marked = Ending { also: vec![mark(&stores)], ..ending(Why::PasswordReset) };
        sessions.end_user("ada", marked.clone(), now()).await.unwrap();
        let again = log_in(&stores, &sessions, "ada").await;
        let other_epoch = Ending { epoch: Some(0), ..ending(Why::PasswordChanged) };
        for refused in [marked, other_epoch] {
            assert!(matches!(sessions.end_user("ada", refused, now()).await, Err(Error::Superseded)));
        }
        assert!(matches!(sessions.end_user("nobody", ending(Why::Admin), now()).await, Err(Error::Superseded)));
        assert!(is_alive(&sessions, &again).await && !is_alive(&sessions, &tokens[0]).await);
        assert_eq!(stores.stored_account("ada").await.security_epoch, 1);
    }

    async fn a_disabled_account_has_no_sessions_and_gets_none(stores) {
        let (sessions, tokens) = ada(&stores).await;
        let account = stores.stored_account("ada").await;
        sessions.end_user("ada", Ending { change: Change::Disable, ..ending(Why::Disabled) }, now()).await.unwrap();
        assert!(!is_alive(&sessions, &tokens[0]).await);
        assert_eq!(stores.stored_account("ada").await.status, Status::Disabled);
        let current = stores.stored_account("ada").await;
        for account in [account, current] {
            assert!(matches!(sessions.create(login(account), now()).await, Err(Error::Superseded)));
        }
    }

    async fn new_scopes_come_with_new_sessions(stores) {
        let (sessions, tokens) = ada(&stores).await;
        let scopes = vec!["write".to_owned(), "admin".to_owned()];
        let change = Change::Scopes(scopes.clone());
        sessions.end_user("ada", Ending { change, ..ending(Why::ScopesChanged) }, now()).await.unwrap();
        assert!(!is_alive(&sessions, &tokens[0]).await);
        let account = stores.stored_account("ada").await;
        let (_, session) = sessions.create(login(account), now()).await.unwrap();
        assert_eq!(session.record.scopes, scopes);
        sessions.end_user("ada", Ending { change: Change::Scopes(vec![]), ..ending(Why::ScopesChanged) }, now()).await.unwrap();
        assert!(stores.stored_account("ada").await.scopes.is_empty());
    }

    /// The login commits under the old epoch and ends with the others, or it fails.
    async fn a_login_meanwhile_does_not_survive(stores) {
        let (sessions, _) = ada(&stores).await;
        let other = stores.sessions(Policy::default());
        let mut held = stores.dynamo_proxy.hold_next("TransactWriteItems");
        let meanwhile = async {
            held.arrived().await;
            let token = log_in(&stores, &other, "ada").await;
            held.release();
            token
        };
        let change = Ending { epoch: Some(0), also: vec![mark(&stores)], ..ending(Why::PasswordReset) };
        let (ended, token) = tokio::join!(sessions.end_user("ada", change, now()), meanwhile);
        assert_eq!(ended.unwrap().sessions, 3);
        assert!(!is_alive(&sessions, &token).await && is_marked(&stores).await);
    }

    async fn what_was_committed_and_not_finished_is_finished_later(stores) {
        let (sessions, tokens) = ada(&stores).await;
        assert_eq!(sessions.finish_user("ada").await.unwrap().sessions, 0);
        let broken = Ending { also: vec![mark(&stores)], ..ending(Why::PasswordReset) };
        match &stores.redis_proxy {
            Some(redis) => {
                redis.break_all(None, RedisFault::Close);
                assert!(matches!(sessions.end_user("ada", broken, now()).await, Err(Error::Unfinished(_))));
                redis.heal();
            }
            None => {
                let lost = [Fault::LoseAnswer, Fault::Fail, Fault::Fail, Fault::Fail];
                stores.dynamo_proxy.break_next("TransactWriteItems", &lost);
                assert!(matches!(sessions.end_user("ada", broken, now()).await, Err(Error::Store(_))));
                stores.dynamo_proxy.heal();
            }
        }
        let finished = sessions.finish_user("ada").await.unwrap();
        assert_eq!(finished, Ended { user_id: "ada".to_owned(), sessions: 2, epoch: 1 });
        for token in &tokens {
            assert!(!is_alive(&sessions, token).await && is_buried(&stores, token).await);
        }
        assert_eq!(sessions.finish_user("ada").await.unwrap().sessions, 0);
        assert_eq!(sessions.finish_user("nobody").await.unwrap().sessions, 0);
    }

    async fn the_standing_of_a_session_is_what_its_row_says(stores) {
        let (sessions, tokens) = ada(&stores).await;
        assert!(matches!(sessions.standing(&tokens[0], now()).await.unwrap(), Standing::Live(live) if live.id == tokens[0].id()));
        sessions.end_user("ada", ending(Why::PasswordChanged), now()).await.unwrap();
        let Standing::Ended { record, why, .. } = sessions.standing(&tokens[0], now()).await.unwrap() else { panic!() };
        assert_eq!((record.user_id.as_str(), why.as_deref()), ("ada", Some("password_changed")));
        let made_up = Token::generate().unwrap();
        assert!(matches!(sessions.standing(&made_up, now()).await.unwrap(), Standing::Absent));
        let later = log_in(&stores, &sessions, "ada").await;
        let expired = sessions.standing(&later, now() + Policy::default().idle).await.unwrap();
        assert!(matches!(expired, Standing::Ended { why: None, .. }));
    }
}

/// The largest possible account: one transaction, at its limit of a hundred items, with three more writes.
#[tokio::test]
async fn twice_the_highest_cap_ends_in_one_transaction() {
    let stores = Stores::without_redis().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy { per_user: 48, ..Policy::default() });
    // None of the surplus sessions can be ended, as if their rows were unreadable.
    stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
    let account = stores.stored_account("ada").await;
    for n in 0..96 {
        let account = session::Account { sessions: [].into(), ..account.clone() };
        let created = sessions.create(Login { auth_method: format!("oidc:{n}"), ..login(account) }, now()).await;
        created.unwrap();
    }
    stores.dynamo_proxy.heal();
    let marks = (0..3).map(|n| {
        let put = Put::builder()
            .table_name(stores.dynamo_itself().table("challenges"))
            .item("token_hash", text(format!("mark-{n}")));
        TransactWriteItem::builder().put(put.build().unwrap()).build()
    });
    let change = Ending { also: marks.collect(), ..ending(Why::PasswordReset) };
    assert_eq!(sessions.end_user("ada", change, now()).await.unwrap().sessions, 96);
}
