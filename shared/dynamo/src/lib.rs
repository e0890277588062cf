//! The durable store: one DynamoDB client with time-outs that fit inside a request's, and one error for all its calls.
//!
//! A request has 4.5 seconds in all, so no call may have them alone. The first call that DynamoDB leaves hanging ends the
//! request after three seconds, whatever it was; calls that the request can do without have a moment each, and after the
//! first that is kept waiting none at all ([`Dynamo::briefly`]).

mod breaker;
mod brief;
mod connections;
mod error;
mod row;

pub use aws_config::SdkConfig;
pub use breaker::Breaker;
pub use error::{Error, held};
pub use row::{Row, decode, encode, moment, number, text};

use aws_config::{
    BehaviorVersion,
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
    meta::region::ProvideRegion,
};
use aws_sdk_dynamodb::{
    Client,
    config::{SharedCredentialsProvider, retry::RetryConfig, timeout::TimeoutConfig},
};
use backon::{ExponentialBuilder, Retryable};
use connections::Connections;
use environment::{Environment, web_url};
use std::{sync::Arc, time::Duration};
use url::Url;

/// What a new connection may take, TLS included.
const CONNECT: Duration = Duration::from_millis(500);

/// What one attempt may take. A transaction needs some tens of milliseconds (the slowest of a hundred took 0.6 s in the embedded
/// store, fifty at once on two busy cores); what is not there by then went to a dead socket, or into a queue that the next
/// attempt does not stand in.
const ATTEMPT: Duration = Duration::from_secs(1);

/// How often is tried. The SDK gives every attempt at a transaction the same token, so that DynamoDB carries it out once; a
/// conditional write whose answer was lost comes back as [`Error::Condition`], and its caller has to look.
const ATTEMPTS: u32 = 3;

/// What a call may take with all its attempts: what is left of a request's 4.5 seconds is for the calls before it. An attempt
/// that found its socket dead leaves time for the rest of the request.
const OPERATION: Duration = Duration::from_secs(3);

/// Where the tables are, from the environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// `TABLE_PREFIX`: what every table name starts with.
    pub table_prefix: String,
    /// `AWS_ENDPOINT_URL_DYNAMODB`: another DynamoDB than that of the region.
    pub endpoint: Option<Url>,
}

impl Config {
    /// Reads `TABLE_PREFIX` (default `auth-`) and `AWS_ENDPOINT_URL_DYNAMODB` (`https`, or `http` on this machine; absent:
    /// DynamoDB of the region); faults stay in `environment`. Region and credentials are read by the SDK, under its names.
    pub fn from_environment(environment: &mut Environment) -> Self {
        Self {
            table_prefix: environment.default("TABLE_PREFIX", "auth-".to_owned(), prefix),
            endpoint: environment.optional("AWS_ENDPOINT_URL_DYNAMODB", web_url),
        }
    }
}

/// The client and the names of the tables.
#[derive(Clone)]
pub struct Dynamo {
    /// The SDK's client. Its calls end within three seconds, retries included.
    pub client: Client,
    prefix: String,
    /// Whether calls that can be skipped are to be made.
    skipping: Arc<Breaker>,
}

impl Dynamo {
    /// As [`with`](Self::with), with what [`Config::from_environment`] reads.
    pub fn from_environment(environment: &mut Environment, shared: &SdkConfig) -> Self {
        Self::with(&Config::from_environment(environment), shared)
    }

    /// A client on top of an SDK configuration, with our time-outs.
    pub fn with(config: &Config, shared: &SdkConfig) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(OPERATION)
            .build();
        let retries =
            RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(Duration::from_millis(50));
        let mut builder = aws_sdk_dynamodb::config::Builder::from(shared);
        if let Some(endpoint) = &config.endpoint {
            builder.set_endpoint_url(Some(endpoint.to_string()));
        }
        let config_ = builder.timeout_config(timeouts).retry_config(retries).http_client(Connections::new()).build();
        Self { client: Client::from_conf(config_), prefix: config.table_prefix.clone(), skipping: Arc::default() }
    }

    /// The full name of a table.
    pub fn table(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// What the name of a table may begin with, and leaves room for the rest of it within 255 characters.
fn prefix(text: &str) -> Result<String, &'static str> {
    let lawful = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    match () {
        () if !text.bytes().all(lawful) => Err("may hold a-z, A-Z, 0-9, _, . and - only"),
        () if text.len() > 200 => Err("is longer than 200 characters"),
        () => Ok(text.to_owned()),
    }
}

/// What every client of AWS is built on, as Lambda configures a function: region and credentials are variables.
///
/// The SDK's default chain asks files, web identities and metadata services besides. None of them is there, and together
/// they make half a megabyte of every function.
pub async fn sdk_config() -> SdkConfig {
    let credentials = SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new());
    let mut shared = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).credentials_provider(credentials);
    shared.set_region(EnvironmentVariableRegionProvider::new().region().await);
    shared.build()
}

/// Repeats a transaction that lost to a concurrent one, with jitter, for about a second.
///
/// The SDK does not: a cancelled transaction is not in its list of transient errors.
///
/// # Errors
/// What the last attempt answered; [`Error::Conflict`] when the rivals never let it through.
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

    /// The SDK would find out at the first request.
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
            let config = Config::from_environment(&mut environment);
            let names = environment.finish(Some(())).err().map(|faults| faults.0[0].name.clone());
            assert_eq!(names.as_deref(), (!good).then_some("TABLE_PREFIX"), "{text:?}");
            assert_eq!(config.table_prefix, if good { text } else { "auth-" });
        }
    }

    /// ASVS 12.3.1: rows hold what is not for the network.
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
            let config = Config::from_environment(&mut environment);
            let names = environment.finish(Some(())).err().map(|faults| faults.0[0].name.clone());
            assert_eq!(names.as_deref(), (!good).then_some("AWS_ENDPOINT_URL_DYNAMODB"), "{text:?}");
            assert_eq!(config.endpoint.is_some(), good, "{text:?}");
        }
    }
}
