//! The store calls of each verb. A change here changes the bill and the time of every request.

use crate::support::{DUE, is_alive, log_in, login, one_session};
use session::{Change, Ending, Login, Policy, Slide, Token, Why};
use std::{collections::BTreeMap, time::Duration};
use testkit::{Stores, now};

const OPERATIONS: [&str; 5] = ["GetItem", "UpdateItem", "TransactWriteItems", "Query", "PutItem"];
const COMMANDS: [&str; 5] = ["GET", "PTTL", "SET", "PEXPIREAT", "DEL"];

/// Commands by name since the start, and the round trips to Redis.
fn bill(stores: &Stores) -> (BTreeMap<&'static str, usize>, usize) {
    let proxy = stores.redis_proxy.as_ref().unwrap();
    let dynamo = OPERATIONS.map(|name| (name, stores.dynamo_proxy.calls_of(name)));
    let redis = COMMANDS.map(|name| (name, proxy.commands_of(name)));
    let other = ("other", stores.dynamo_proxy.calls() - dynamo.iter().map(|(_, count)| count).sum::<usize>());
    (dynamo.into_iter().chain(redis).chain([other]).collect(), proxy.round_trips())
}

/// The commands sent since `before`, without those whose count is zero.
fn asked(stores: &Stores, before: &(BTreeMap<&'static str, usize>, usize)) -> (Vec<(&'static str, usize)>, usize) {
    let (counts, trips) = bill(stores);
    let counts = counts.into_iter().map(|(name, count)| (name, count - before.0[name]));
    (counts.filter(|(_, count)| *count > 0).collect(), trips - before.1)
}

#[tokio::test]
async fn a_warm_session_costs_one_redis_round_trip_and_no_dynamodb_call() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    for slide in [Slide::Yes, Slide::No] {
        let before = bill(&stores);
        assert!(sessions.authenticate(&token, slide, now()).await.unwrap().is_some());
        assert_eq!(asked(&stores, &before), (vec![("GET", 1), ("PTTL", 1)], 1));
    }
}

#[tokio::test]
async fn a_renewal_costs_one_update_and_one_more_round_trip() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, DUE).await;
    let before = bill(&stores);
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    assert_eq!(asked(&stores, &before), (vec![("GET", 1), ("PEXPIREAT", 1), ("PTTL", 1), ("UpdateItem", 1)], 2));
}

#[tokio::test]
async fn a_restore_costs_one_read_and_one_more_round_trip() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    stores.flush_redis().await;
    let before = bill(&stores);
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_some());
    assert_eq!(asked(&stores, &before), (vec![("GET", 1), ("GetItem", 1), ("PTTL", 1), ("SET", 1)], 2));
}

#[tokio::test]
async fn a_made_up_token_costs_one_read() {
    let stores = Stores::start().await;
    let (sessions, _) = one_session(&stores, Duration::ZERO).await;
    let before = bill(&stores);
    let made_up = Token::generate().unwrap();
    assert!(sessions.authenticate(&made_up, Slide::Yes, now()).await.unwrap().is_none());
    assert_eq!(asked(&stores, &before), (vec![("GET", 1), ("GetItem", 1), ("PTTL", 1)], 1));
}

#[tokio::test]
async fn a_login_costs_one_transaction_and_one_round_trip() {
    let stores = Stores::start().await;
    let (sessions, _) = one_session(&stores, Duration::ZERO).await;
    let before = bill(&stores);
    log_in(&stores, &sessions, "ada").await;
    assert_eq!(asked(&stores, &before), (vec![("SET", 1), ("TransactWriteItems", 1)], 1));
}

#[tokio::test]
async fn a_login_in_the_place_of_a_session_costs_a_logout_more() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let login = Login { presented: Some(&token), ..login(stores.stored_account("ada").await) };
    let before = bill(&stores);
    sessions.create(login, now()).await.unwrap();
    let expected = vec![("SET", 2), ("TransactWriteItems", 1), ("UpdateItem", 2)];
    assert_eq!(asked(&stores, &before), (expected, 2));
}

/// Its map, as the login read it, no longer has that session, so it is not taken out of there once more.
#[tokio::test]
async fn a_login_in_the_place_of_a_session_that_is_over_costs_one_update_and_its_tombstone() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    sessions.revoke(&token, now()).await.unwrap().unwrap();
    let login = Login { presented: Some(&token), ..login(stores.stored_account("ada").await) };
    let before = bill(&stores);
    sessions.create(login, now()).await.unwrap();
    let expected = vec![("SET", 2), ("TransactWriteItems", 1), ("UpdateItem", 1)];
    assert_eq!(asked(&stores, &before).0, expected);
}

#[tokio::test]
async fn a_logout_costs_two_updates_and_one_round_trip() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let before = bill(&stores);
    sessions.revoke(&token, now()).await.unwrap().unwrap();
    assert_eq!(asked(&stores, &before), (vec![("SET", 1), ("UpdateItem", 2)], 1));
}

#[tokio::test]
async fn ending_the_others_costs_an_update_a_session_and_two_calls_however_many_there_are() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    for _ in 0..5 {
        log_in(&stores, &sessions, "ada").await;
    }
    let before = bill(&stores);
    assert_eq!(sessions.end_others("ada", &token.id(), now()).await.unwrap(), 5);
    assert_eq!(asked(&stores, &before).0, [("GetItem", 1), ("SET", 5), ("UpdateItem", 6)]);
}

/// A caller that has just read the account does not have it read again.
#[tokio::test]
async fn an_ending_of_an_account_as_it_was_read_costs_a_transaction_and_an_update() {
    let stores = Stores::start().await;
    let (sessions, _) = one_session(&stores, Duration::ZERO).await;
    let account = stores.stored_account("ada").await;
    let ending = || Ending { why: Why::PasswordChanged, epoch: None, change: Change::Nothing, also: Vec::new() };
    let before = bill(&stores);
    assert_eq!(sessions.end_account(&account, ending(), now()).await.unwrap().sessions, 1);
    assert_eq!(asked(&stores, &before).0, [("SET", 1), ("TransactWriteItems", 1), ("UpdateItem", 1)]);
    let token = log_in(&stores, &sessions, "ada").await;
    assert_eq!(sessions.end_account(&account, ending(), now()).await.unwrap().sessions, 1, "it has changed since");
    assert!(!is_alive(&sessions, &token).await);
}

#[tokio::test]
async fn signing_out_everywhere_costs_a_tombstone_a_session_and_the_same_calls_however_many_there_are() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    for _ in 1..5 {
        log_in(&stores, &sessions, "ada").await;
    }
    let before = bill(&stores);
    assert_eq!(sessions.revoke_all(&token, now()).await.unwrap().unwrap().sessions, 5);
    let (counts, _) = asked(&stores, &before);
    assert_eq!(counts, [("GetItem", 2), ("SET", 5), ("TransactWriteItems", 1), ("UpdateItem", 1)]);
}

#[tokio::test]
async fn without_redis_a_request_costs_one_read() {
    let stores = Stores::without_redis().await;
    let (sessions, token) = one_session(&stores, Duration::ZERO).await;
    let before = (stores.dynamo_proxy.calls(), stores.dynamo_proxy.calls_of("GetItem"));
    assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_some());
    assert_eq!((stores.dynamo_proxy.calls() - before.0, stores.dynamo_proxy.calls_of("GetItem") - before.1), (1, 1));
}

/// Requests that come at the same time when a renewal is due may each renew; later ones do not.
#[tokio::test]
async fn a_poller_renews_once_in_renew_after() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy { renew_after: Duration::from_mins(5), ..Policy::default() });
    let token = crate::support::log_in_at(&stores, &sessions, "ada", crate::support::ago(DUE)).await;
    let before = bill(&stores);
    for _ in 0..20 {
        assert!(sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().is_some());
    }
    let (counts, trips) = asked(&stores, &before);
    assert_eq!((counts, trips), (vec![("GET", 20), ("PEXPIREAT", 1), ("PTTL", 20), ("UpdateItem", 1)], 21));
}
