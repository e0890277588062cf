//! A table of one's own, with everything said to DynamoDB and everything it answered.

use aws_sdk_dynamodb::{
    Client,
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef},
    },
    error::BoxError,
    operation::scan::ScanOutput,
};
use dynamo::Dynamo;
use environment::Environment;
use jiff::Timestamp;
use local::DynamoDb;
use std::{
    mem,
    sync::{Arc, Mutex},
};
use tokens::{Config, Minted, PublicKeys, Subject, Tokens};

pub const ISSUER: &str = "https://login.example.com/auth";

/// A DynamoDB with the tables of the deployment.
pub struct Table {
    pub server: DynamoDb,
    pub dynamo: Dynamo,
    pub calls: Calls,
}

impl Table {
    pub async fn new() -> Self {
        let server = DynamoDb::start(None).await.expect("DynamoDB starts");
        let config = dynamo::Config { table_prefix: "test-".to_owned() };
        let mut dynamo = Dynamo::with(&config, &local::sdk_config(&server.endpoint()));
        local::tables::create(&dynamo).await.expect("the tables are made");
        let calls = Calls::default();
        let watched = dynamo.client.config().to_builder().interceptor(calls.clone()).build();
        dynamo.client = Client::from_conf(watched);
        Self { server, dynamo, calls }
    }

    /// An instance of the function that mints, as it starts with these settings.
    pub fn tokens(&self, settings: &[(&str, &str)]) -> Tokens {
        let mut environment = Environment::of([("PUBLIC_URL", ISSUER)].iter().chain(settings).copied());
        let config = Config::from_environment(&mut environment);
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
        let scan = self.dynamo.client.scan().table_name(self.name()).consistent_read(true).send();
        scan.await.expect("the rows").items.unwrap_or_default()
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// A token for nobody in particular, from a session that does not end soon.
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

/// The operations asked of DynamoDB and the names of the attributes its scans answered, in order.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    operations: Arc<Mutex<Vec<String>>>,
    attributes: Arc<Mutex<Vec<String>>>,
}

impl Calls {
    /// The operations since the last time.
    pub fn take_operations(&self) -> Vec<String> {
        mem::take(&mut self.operations.lock().expect("a lock"))
    }

    /// The attributes read since the last time, each once, sorted.
    pub fn take_attributes(&self) -> Vec<String> {
        let mut names = mem::take(&mut *self.attributes.lock().expect("a lock"));
        names.sort();
        names.dedup();
        names
    }
}

impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "calls"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        self.operations.lock().expect("a lock").push(operation.to_owned());
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(scan) = context.output_or_error().ok().and_then(|output| output.downcast_ref::<ScanOutput>()) {
            let names = scan.items().iter().flat_map(|row| row.keys().cloned());
            self.attributes.lock().expect("a lock").extend(names);
        }
        Ok(())
    }
}
