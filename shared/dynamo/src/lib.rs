//! The durable store: one DynamoDB client whose time-outs fit inside a request's, and one error for all its calls.
//!
//! A request has 4.5 seconds in all, so no call may use all of them. The first call that DynamoDB leaves hanging ends
//! the request after three seconds. Calls that the request can do without get a moment each; after the first one that
//! is kept waiting, they are not made ([`Dynamo::briefly`]).

mod breaker;
mod brief;
mod client;
mod connections;
mod error;
mod outcome;
mod row;

pub use aws_config::SdkConfig;
pub use breaker::Breaker;
pub use connections::Connections;
pub use error::{Error, held};
pub use outcome::Outcome;
pub use row::{Row, decode, encode, moment, number, text};

use aws_config::{
    BehaviorVersion,
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
    meta::region::ProvideRegion,
};
use aws_sdk_dynamodb::{Client, config::SharedCredentialsProvider};
use backon::{ExponentialBuilder, Retryable};
use environment::{Environment, web_url};
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use trust::Roots;
use url::Url;

/// Where the tables are, from the environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `TABLE_PREFIX`: what every table name starts with.
    pub table_prefix: String,
    /// `AWS_ENDPOINT_URL_DYNAMODB`: a DynamoDB other than the region's.
    pub endpoint: Option<Url>,
}

impl Settings {
    /// Reads `TABLE_PREFIX` (default `auth-`) and `AWS_ENDPOINT_URL_DYNAMODB` (`https`, or `http` on this machine;
    /// absent: DynamoDB of the region); faults stay in `environment`. The SDK reads region and credentials under its
    /// own names.
    pub fn from_environment(environment: &mut Environment) -> Self {
        Self {
            table_prefix: environment.default("TABLE_PREFIX", "auth-".to_owned(), prefix),
            endpoint: environment.optional("AWS_ENDPOINT_URL_DYNAMODB", web_url),
        }
    }
}

type Make = Box<dyn FnOnce() -> Client + Send>;

/// The client and the names of the tables.
#[derive(Clone)]
pub struct Dynamo {
    /// Made when it is first needed.
    client: Arc<LazyLock<Client, Make>>,
    prefix: String,
    /// Whether calls that can be skipped are made.
    skipping: Arc<Breaker>,
}

impl Dynamo {
    /// As [`with`](Self::with), with what [`Settings::from_environment`] reads.
    pub fn from_environment(environment: &mut Environment, shared: &SdkConfig) -> Self {
        Self::with(&Settings::from_environment(environment), shared)
    }

    /// A client built on an SDK configuration, with our time-outs. Nothing is made or asked before the first call.
    pub fn with(settings: &Settings, shared: &SdkConfig) -> Self {
        let (endpoint, shared) = (settings.endpoint.clone(), shared.clone());
        let client = LazyLock::new(Box::new(move || client::new(endpoint.as_ref(), &shared)) as Make);
        Self { client: Arc::new(client), prefix: settings.table_prefix.clone(), skipping: Arc::default() }
    }

    /// The same tables, asked through another client.
    #[must_use]
    pub fn through(&self, client: Client) -> Self {
        Self { client: Arc::new(LazyLock::new(Box::new(move || client))), ..self.clone() }
    }

    /// The SDK's client. Its calls end within three seconds, retries included.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The full name of a table.
    pub fn table(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// Accepts a prefix of valid characters that leaves room for the rest of a table's name within 255 characters.
fn prefix(text: &str) -> Result<String, &'static str> {
    let lawful = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    match () {
        () if !text.bytes().all(lawful) => Err("may hold a-z, A-Z, 0-9, _, . and - only"),
        () if text.len() > 200 => Err("is longer than 200 characters"),
        () => Ok(text.to_owned()),
    }
}

/// The base of every AWS client, as Lambda configures a function: region and credentials are variables. It reads what
/// [`Roots::from_environment`] reads; faults stay in `environment`.
///
/// The SDK's default chain also asks files, web identities and metadata services. None of them exists here, and
/// together they add half a megabyte to every function.
pub async fn sdk_config(environment: &mut Environment) -> SdkConfig {
    let credentials = SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new());
    sdk_config_without_credentials(environment).await.into_builder().credentials_provider(credentials).build()
}

/// The same for a program that finds its credentials in another way.
pub async fn sdk_config_without_credentials(environment: &mut Environment) -> SdkConfig {
    let connections = Connections::new(Roots::from_environment(environment));
    let mut shared = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).http_client(connections);
    shared.set_region(EnvironmentVariableRegionProvider::new().region().await);
    shared.build()
}

/// Repeats a transaction that lost to a concurrent one, with jitter, for about a second.
///
/// The SDK does not repeat it: a cancelled transaction is not in its list of transient errors.
///
/// # Errors
/// The error of the last attempt; [`Error::Conflict`] when the rivals never let it through.
pub async fn retry_conflicts<T, F: Future<Output = Result<T, Error>>>(attempt: impl FnMut() -> F) -> Result<T, Error> {
    let delays = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(10))
        .with_max_delay(Duration::from_millis(200))
        .with_max_times(9)
        .with_jitter();
    attempt.retry(delays).when(|error| matches!(error, Error::Conflict)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without this check the SDK would find out at the first request.
    #[test]
    fn a_prefix_is_the_beginning_of_a_tables_name() {
        for (text, good) in [
            ("auth-", true),
            ("A.b_c-9", true),
            (&"x".repeat(200), true),
            (&"x".repeat(201), false),
            ("auth/", false),
            ("auth ", false),
            ("\u{e9}", false),
            ("a\n", false),
        ] {
            let mut environment = Environment::of([("TABLE_PREFIX", text)]);
            let config = Settings::from_environment(&mut environment);
            let names = environment.finish(Some(())).err().map(|faults| faults.0[0].name.clone());
            assert_eq!(names.as_deref(), (!good).then_some("TABLE_PREFIX"), "{text:?}");
            assert_eq!(config.table_prefix, if good { text } else { "auth-" });
        }
    }

    /// ASVS 12.3.1: rows must not cross the network in plain text.
    #[test]
    fn an_endpoint_is_https_or_this_machine() {
        for (text, good) in [
            ("https://dynamodb.eu-central-1.amazonaws.com", true),
            ("https://vpce-1.dynamodb.eu-central-1.vpce.amazonaws.com:443/", true),
            ("http://localhost:8000", true),
            ("http://127.0.0.1:8000", true),
            ("http://elsewhere", false),
            ("http://10.0.0.1:8000", false),
            ("http://localhost@elsewhere", false),
            ("https://user:word@elsewhere", false),
            ("elsewhere", false),
            ("https://else where", false),
        ] {
            let mut environment = Environment::of([("AWS_ENDPOINT_URL_DYNAMODB", text)]);
            let config = Settings::from_environment(&mut environment);
            let names = environment.finish(Some(())).err().map(|faults| faults.0[0].name.clone());
            assert_eq!(names.as_deref(), (!good).then_some("AWS_ENDPOINT_URL_DYNAMODB"), "{text:?}");
            assert_eq!(config.endpoint.is_some(), good, "{text:?}");
        }
    }
}
