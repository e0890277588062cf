//! What the tests share: logins, and direct reads of both stores past the code under test.

use dynamo::{Row, text};
use jiff::Timestamp;
use session::{Account, Client, Login, Policy, Sessions, Slide, Token};
use std::time::Duration;
use testkit::{RedisFault, Stores, now};

/// A renewal is due this long after the last one, with the default policy.
pub const DUE: Duration = Duration::from_mins(6);

/// The present, less `by`.
pub fn ago(by: Duration) -> Timestamp {
    now() - by
}

/// A login with a checked password.
pub fn login(account: Account) -> Login<'static> {
    Login { account, auth_method: "password".to_owned(), client: Client::default(), presented: None }
}

/// Logs `user_id` in and returns the token.
pub async fn log_in(stores: &Stores, sessions: &Sessions, user_id: &str) -> Token {
    log_in_at(stores, sessions, user_id, now()).await
}

/// Logs `user_id` in at another time than now.
pub async fn log_in_at(stores: &Stores, sessions: &Sessions, user_id: &str, at: Timestamp) -> Token {
    let account = stores.stored_account(user_id).await;
    sessions.create(login(account), at).await.unwrap().0
}

/// One user with one session, made `age` ago under the default policy.
pub async fn one_session(stores: &Stores, age: Duration) -> (Sessions, Token) {
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let token = log_in_at(stores, &sessions, "ada", ago(age)).await;
    (sessions, token)
}

/// Whether the token is signed in now. Moves nothing.
pub async fn is_alive(sessions: &Sessions, token: &Token) -> bool {
    sessions.authenticate(token, Slide::No, now()).await.unwrap().is_some()
}

/// The row of the token's session.
pub async fn row(stores: &Stores, token: &Token) -> Option<Row> {
    let dynamo = stores.dynamo_itself();
    let get = dynamo.client().get_item().table_name(dynamo.table("sessions")).consistent_read(true);
    get.key("session_id", text(token.id())).send().await.unwrap().item
}

/// Why the token's session ended, if it did.
pub async fn why(stores: &Stores, token: &Token) -> Option<String> {
    row(stores, token).await?.get("revoked_why")?.as_s().ok().cloned()
}

/// A moment on the row of the token's session, in milliseconds since the epoch.
pub async fn moment(stores: &Stores, token: &Token, attribute: &str) -> Option<i64> {
    row(stores, token).await?.get(attribute)?.as_n().ok()?.parse().ok()
}

/// Writes a row of the sessions table as it is given.
pub async fn put_row(stores: &Stores, row: Row) {
    let dynamo = stores.dynamo_itself();
    dynamo.client().put_item().table_name(dynamo.table("sessions")).set_item(Some(row)).send().await.unwrap();
}

/// Removes the row of the token's session, as only an operator would.
pub async fn remove_row(stores: &Stores, token: &Token) {
    let dynamo = stores.dynamo_itself();
    let delete = dynamo.client().delete_item().table_name(dynamo.table("sessions"));
    delete.key("session_id", text(token.id())).send().await.unwrap();
}

/// Writes the account as it is given.
pub async fn put_account(stores: &Stores, account: &Account) {
    let dynamo = stores.dynamo_itself();
    let row = dynamo::encode(Account::TABLE, account).unwrap();
    dynamo.client().put_item().table_name(dynamo.table(Account::TABLE)).set_item(Some(row)).send().await.unwrap();
}

/// All rows of the sessions table.
pub async fn rows(stores: &Stores) -> Vec<Row> {
    let dynamo = stores.dynamo_itself();
    dynamo
        .client()
        .scan()
        .table_name(dynamo.table("sessions"))
        .consistent_read(true)
        .send()
        .await
        .unwrap()
        .items
        .unwrap()
}

/// The key in Redis of the token's session.
pub fn key(token: &Token) -> String {
    format!("session:{}", token.id())
}

/// What Redis has for the token, as far as it is text.
pub async fn hot(stores: &Stores, token: &Token) -> Option<String> {
    stores.copy(&token.id()).await.map(|copy| String::from_utf8_lossy(&copy).into_owned())
}

/// When Redis deletes it, in milliseconds since the epoch; -1: never; -2: Redis has nothing.
pub async fn hot_expiry(stores: &Stores, token: &Token) -> i64 {
    stores.redis_command(&["PEXPIRETIME", &key(token)]).await
}

/// Whether Redis has a tombstone for the token. Without Redis: always, since none is needed.
pub async fn is_buried(stores: &Stores, token: &Token) -> bool {
    stores.redis.is_none() || hot(stores, token).await.as_deref() == Some("!")
}

/// Ends the token's session, then puts the hot copy back as it was: a Redis that has lost the tombstone.
pub async fn lose_the_tombstone(stores: &Stores, sessions: &Sessions, token: &Token) {
    let (copy, expiry) = (stores.copy(&token.id()).await.unwrap(), hot_expiry(stores, token).await);
    sessions.revoke(token, now()).await.unwrap().unwrap();
    stores.put_copy(&token.id(), &copy).await;
    stores.redis_command::<()>(&["PEXPIREAT", &key(token), &expiry.to_string()]).await;
}

/// The number of keys in Redis.
pub async fn keys(stores: &Stores) -> usize {
    stores.redis_command(&["DBSIZE"]).await
}

/// The ids in the user's map, and the ids of the user's rows that are not revoked. They must be the same.
pub async fn map_and_rows(stores: &Stores, user_id: &str) -> (Vec<String>, Vec<String>) {
    let map = stores.stored_account(user_id).await.sessions.into_keys().map(|id| id.to_string()).collect();
    let all = rows(stores).await;
    let alive = all.iter().filter(|row| row["user_id"] == text(user_id) && !row.contains_key("revoked_at"));
    let mut alive: Vec<_> = alive.map(|row| row["session_id"].as_s().unwrap().clone()).collect();
    alive.sort();
    (map, alive)
}

/// Lets the time pass for which a store is left alone after it kept a request waiting. No other clock moves.
pub async fn rest() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3)).await;
    tokio::time::resume();
}

/// Commands of this name fail until Redis [`recovers`].
pub fn break_redis(stores: &Stores, command: &str, fault: RedisFault) {
    stores.redis_proxy.as_ref().unwrap().break_all(Some(command), fault);
}

/// Redis is healthy again, and has had its rest.
pub async fn recovers(stores: &Stores) {
    stores.redis_proxy.as_ref().unwrap().heal();
    rest().await;
}
