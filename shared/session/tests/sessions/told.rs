//! What the log says happened to sessions: each event once, by the request that caused it.

use crate::support::{log_in, login, one_session};
use serde_json::Value;
use session::{Change, Ending, Error, Policy, Sessions, Slide, Token, Why};
use std::time::Duration;
use testkit::{Fault, Logs, RedisFault, Stores, now};

const YOUNG: Duration = Duration::from_mins(2);

/// The events so far: name, and how many sessions.
fn told(logs: &Logs) -> Vec<(String, Option<u64>)> {
    let lines = logs.of("session").into_iter();
    lines.filter_map(|line| Some((line["event"].as_str()?.to_owned(), line["sessions"].as_u64()))).collect()
}

fn revoked(sessions: u64) -> (String, Option<u64>) {
    ("revoked".to_owned(), Some(sessions))
}

async fn with_sessions(stores: &Stores, count: usize) -> (Sessions, Vec<Token>) {
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let mut tokens = Vec::new();
    for _ in 0..count {
        tokens.push(log_in(stores, &sessions, "ada").await);
    }
    (sessions, tokens)
}

fn ending() -> Ending {
    Ending { why: Why::Disabled, epoch: None, change: Change::Nothing, also: Vec::new() }
}

#[tokio::test]
async fn a_warm_request_tells_nothing() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, YOUNG).await;
    let logs = Logs::capture();
    sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
    assert!(logs.lines().is_empty(), "{}", logs.text());
}

#[tokio::test]
async fn a_session_is_told_as_restored_when_redis_has_it_back() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, YOUNG).await;
    let logs = Logs::capture();
    stores.flush_redis().await;
    for _ in 0..2 {
        sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
    }
    assert_eq!(told(&logs), [("restored".to_owned(), None)]);
    let line = &logs.of("session")[0];
    assert_eq!((&line["level"], &line["session_id"]), (&"INFO".into(), &Value::from(token.id().as_str())));

    stores.flush_redis().await;
    stores.redis_proxy.as_ref().unwrap().break_all(Some("SET"), RedisFault::Close);
    let logs = Logs::capture();
    sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
    assert_eq!(told(&logs), [], "Redis did not take it");
}

#[tokio::test]
async fn a_request_is_told_as_a_fallback_when_redis_does_not_answer() {
    let stores = Stores::start().await;
    let (sessions, token) = one_session(&stores, YOUNG).await;
    stores.redis.as_ref().unwrap().kill9().await.unwrap();
    let logs = Logs::capture();
    sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
    assert_eq!(told(&logs), [("fallback".to_owned(), None)]);
    assert_eq!(logs.lines().len(), 1, "{}", logs.text());
}

#[tokio::test]
async fn a_session_without_redis_is_no_fallback_and_not_restored() {
    let stores = Stores::without_redis().await;
    let (sessions, token) = one_session(&stores, YOUNG).await;
    let logs = Logs::capture();
    sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap();
    assert_eq!(told(&logs), []);
}

#[tokio::test]
async fn a_session_that_ends_is_told_once_however_often_that_is_repeated() {
    let stores = Stores::start().await;
    let (sessions, tokens) = with_sessions(&stores, 1).await;
    let logs = Logs::capture();
    for _ in 0..3 {
        sessions.revoke(&tokens[0], now()).await.unwrap().unwrap();
    }
    assert_eq!(told(&logs), [revoked(1)]);
    let line = &logs.of("session")[0];
    assert_eq!([&line["why"], &line["user_id"]], ["logout", "ada"]);
}

/// Two requests may find it alive, but only one write ends it.
#[tokio::test]
async fn a_session_that_two_end_at_once_is_told_once() {
    let stores = Stores::start().await;
    let (sessions, tokens) = with_sessions(&stores, 1).await;
    let logs = Logs::capture();
    let mut first = stores.dynamo_proxy.hold_next("UpdateItem");
    let second = async {
        first.arrived().await;
        sessions.revoke(&tokens[0], now()).await.unwrap();
        first.release();
    };
    let (ended, ()) = tokio::join!(sessions.revoke(&tokens[0], now()), second);
    ended.unwrap();
    assert_eq!(told(&logs), [revoked(1)]);
}

#[tokio::test]
async fn an_ending_of_all_sessions_tells_how_many() {
    let stores = Stores::start().await;
    let (sessions, tokens) = with_sessions(&stores, 3).await;
    let logs = Logs::capture();
    sessions.revoke_all(&tokens[0], now()).await.unwrap().unwrap();
    sessions.revoke_all(&tokens[0], now()).await.unwrap();
    assert_eq!(told(&logs), [revoked(3)]);
}

/// It is logged when it is committed. A request that finishes it, or ends sessions begun since, does not log it again.
#[tokio::test]
async fn an_ending_that_is_finished_later_is_told_once() {
    let stores = Stores::start().await;
    let (sessions, _) = with_sessions(&stores, 2).await;
    let redis = stores.redis_proxy.as_ref().unwrap();
    redis.break_all(Some("SET"), RedisFault::Close);
    let logs = Logs::capture();
    let unfinished = sessions.end_user("ada", ending(), now()).await;
    assert!(matches!(unfinished, Err(Error::Unfinished(_))), "{unfinished:?}");
    assert_eq!(told(&logs), [revoked(2)]);
    // No request has finished it, so both are still in the user's map.
    assert_eq!(stores.stored_account("ada").await.sessions.len(), 2);
    redis.heal();
    sessions.end_user("ada", ending(), now()).await.unwrap();
    sessions.finish_user("ada").await.unwrap();
    assert_eq!(told(&logs), [revoked(2)]);
}

#[tokio::test]
async fn each_of_the_others_is_told() {
    let stores = Stores::start().await;
    let (sessions, tokens) = with_sessions(&stores, 3).await;
    let logs = Logs::capture();
    sessions.end_others("ada", &tokens[0].id(), now()).await.unwrap();
    sessions.end_others("ada", &tokens[0].id(), now()).await.unwrap();
    assert_eq!(told(&logs), [revoked(1), revoked(1)]);
}

#[tokio::test]
async fn a_session_that_makes_room_is_told() {
    let stores = Stores::start().await;
    let (_, _) = with_sessions(&stores, 2).await;
    let sessions = stores.sessions(Policy { per_user: 2, ..Policy::default() });
    let account = stores.stored_account("ada").await;
    let logs = Logs::capture();
    sessions.create(login(account), now()).await.unwrap();
    assert_eq!(told(&logs), [revoked(1)]);
}

/// The answer may be lost, but nothing is logged that may not have happened.
#[tokio::test]
async fn an_ending_that_failed_is_not_told() {
    let stores = Stores::start().await;
    let (sessions, tokens) = with_sessions(&stores, 1).await;
    stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
    stores.dynamo_proxy.break_all(Some("TransactWriteItems"), Fault::Fail);
    let logs = Logs::capture();
    assert!(sessions.revoke(&tokens[0], now()).await.is_err());
    assert!(sessions.end_user("ada", ending(), now()).await.is_err());
    assert_eq!(told(&logs), []);
}
