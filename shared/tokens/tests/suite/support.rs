//! A private table for a test, and the operations on it.

use crate::intercept::Calls;
use aws_sdk_dynamodb::{Client, config::Intercept};
use dynamo::Dynamo;
use environment::Environment;
use jiff::Timestamp;
use stand::DynamoDb;
use std::sync::Arc;
use tokens::{Minted, PublicKeys, Settings, Subject, Tokens};

pub const ISSUER: &str = "https://login.example.com/auth";

/// A DynamoDB with the tables of the deployment.
pub struct Table {
    pub dynamo: Dynamo,
    pub calls: Calls,
    server: Arc<DynamoDb>,
}

impl Table {
    pub async fn new() -> Self {
        let server = DynamoDb::start(None).await.expect("DynamoDB starts");
        let config = dynamo::Settings { table_prefix: "test-".to_owned(), endpoint: None };
        let dynamo = Dynamo::with(&config, &stand::sdk_config(&server.endpoint()));
        stand::tables::create(&dynamo).await.expect("the tables are made");
        let calls = Calls::default();
        let dynamo = intercepted(&dynamo, calls.clone());
        Self { dynamo, calls, server: Arc::new(server) }
    }

    /// The same table, with an interceptor between it and the client.
    pub fn behind(&self, interceptor: impl Intercept + 'static) -> Self {
        let dynamo = intercepted(&self.dynamo, interceptor);
        Self { dynamo, calls: self.calls.clone(), server: self.server.clone() }
    }

    /// An instance of the function that mints, started with these settings.
    pub fn tokens(&self, settings: &[(&str, &str)]) -> Tokens {
        let mut environment = Environment::of([("PUBLIC_URL", ISSUER)].iter().chain(settings).copied());
        let config = Settings::from_environment(&mut environment);
        Tokens::new(environment.finish(config).expect("a configuration"), self.dynamo.clone())
    }

    /// An instance of the function that publishes.
    pub fn public_keys(&self) -> PublicKeys {
        PublicKeys::new(self.dynamo.clone())
    }

    pub fn name(&self) -> String {
        self.dynamo.table("signing_keys")
    }

    /// Every row, as it is stored.
    pub async fn rows(&self) -> Vec<dynamo::Row> {
        let scan = self.dynamo.client().scan().table_name(self.name()).consistent_read(true).send();
        scan.await.expect("the rows").items.unwrap_or_default()
    }
}

fn intercepted(dynamo: &Dynamo, interceptor: impl Intercept + 'static) -> Dynamo {
    let config = dynamo.client().config().to_builder().interceptor(interceptor).build();
    dynamo.through(Client::from_conf(config))
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// A token for an unimportant user, from a session that does not end soon.
pub async fn mint(tokens: &Tokens, now: Timestamp) -> Result<Minted, tokens::Error> {
    tokens.mint(&subject(), None, now).await
}

pub fn subject() -> Subject<'static> {
    Subject {
        user_id: "user-1",
        session_id: "session-1",
        client_id: "browser",
        scopes: &[],
        auth_time: at("2031-01-01T00:00:00Z"),
        not_after: at("2041-01-01T00:00:00Z"),
    }
}
