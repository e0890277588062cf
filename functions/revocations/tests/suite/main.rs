//! The function on real stores, with the real records of their tables' streams.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod again;
mod costs;
mod endings;
mod failures;
mod filters;
mod interrupted;
mod log;
mod records;
mod removals;
mod start;

use revocations::{Event, Revocations};
use scene::{Stores, Streams, now};
use serde_json::Value;
use session::{Client, Login, Policy, Sessions, Slide, Token};

/// Stores, and the changes in them since the function last ran.
struct Scene {
    stores: Stores,
    streams: Streams,
    /// An instance of another function.
    sessions: Sessions,
}

impl Scene {
    async fn on(stores: Stores) -> Self {
        let (streams, sessions) = (stores.streams().await, stores.sessions(Policy::default()));
        Self { stores, streams, sessions }
    }

    /// On both stores, with a user who has this many sessions, whose records have been read.
    async fn with_sessions(count: usize) -> (Self, Vec<Token>) {
        let mut scene = Self::on(Stores::start().await).await;
        scene.stores.account("ada").await;
        let mut tokens = Vec::new();
        for _ in 0..count {
            tokens.push(scene.log_in("ada").await);
        }
        scene.streams.events().await;
        (scene, tokens)
    }

    async fn login(&self, user_id: &str) -> Login<'static> {
        let account = self.stores.stored_account(user_id).await;
        Login { account, auth_method: "password".to_owned(), client: Client::default(), presented: None }
    }

    async fn log_in(&self, user_id: &str) -> Token {
        self.sessions.create(self.login(user_id).await, now()).await.unwrap().0
    }

    /// Whether the token is signed in, as seen by an instance that has had no trouble yet. Moves no expiry.
    async fn is_alive(&self, token: &Token) -> bool {
        let sessions = self.stores.sessions(Policy::default());
        sessions.authenticate(token, Slide::No, now()).await.unwrap().is_some()
    }

    /// What Redis has for the token.
    async fn hot(&self, token: &Token) -> Option<String> {
        self.stores.copy(&token.id()).await.map(|copy| String::from_utf8_lossy(&copy).into_owned())
    }

    /// Whether Redis has a tombstone for the token. Without Redis: always, since none is needed.
    async fn is_buried(&self, token: &Token) -> bool {
        self.stores.redis.is_none() || self.hot(token).await.as_deref() == Some("!")
    }

    /// Removes the row of the token's session, as an operator would.
    async fn remove_row(&self, token: &Token) {
        let dynamo = self.stores.dynamo_itself();
        let delete = dynamo.client().delete_item().table_name(dynamo.table("sessions"));
        delete.key("session_id", dynamo::text(token.id())).send().await.unwrap();
    }

    /// Calls a new instance of the function with the changes since the last call, and returns the numbers of the
    /// records that failed.
    async fn follow(&mut self) -> Vec<String> {
        let event = self.streams.event().await;
        self.call(event).await
    }

    /// Calls a new instance of the function, and returns the numbers of the records that failed.
    async fn call(&self, event: Value) -> Vec<String> {
        let report = self.report(event).await;
        let failures = report["batchItemFailures"].as_array().unwrap().iter();
        failures.map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect()
    }

    /// The report to Lambda.
    async fn report(&self, event: Value) -> Value {
        let event: Event = serde_json::from_value(event).unwrap();
        let function = self.stores.wired(Revocations::wire, &[]);
        serde_json::to_value(function.follow(event).await).unwrap()
    }
}

/// The numbers of an event's records.
fn numbers(event: &Value) -> Vec<String> {
    let records = event["Records"].as_array().unwrap().iter();
    records.map(|record| record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned()).collect()
}

/// The same event with its records in the opposite order.
fn reversed(event: &Value) -> Value {
    let mut event = event.clone();
    event["Records"].as_array_mut().unwrap().reverse();
    event
}
