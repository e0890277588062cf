use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    config::{Builder, retry::RetryConfig, timeout::TimeoutConfig},
};
use std::time::Duration;
use url::Url;

/// The time for a new connection, TLS included.
const CONNECT: Duration = Duration::from_millis(500);

/// The time for one attempt. A transaction needs some tens of milliseconds (the slowest of a hundred took 0.6 s in the
/// embedded store, fifty at once on two busy cores). If there is no answer by then, the request went to a dead socket,
/// or waits in a queue that the next attempt avoids.
const ATTEMPT: Duration = Duration::from_secs(1);

/// The number of attempts. The SDK gives every attempt at a transaction the same token, so that DynamoDB carries it out
/// once. A conditional write whose answer was lost comes back as [`Error::Condition`](crate::Error::Condition), and its
/// caller has to read the row.
const ATTEMPTS: u32 = 3;

/// The time for a call with all its attempts: the rest of a request's 4.5 seconds is for the calls before it. If one
/// attempt finds its socket dead, there is time left for the rest of the request.
const OPERATION: Duration = Duration::from_secs(3);

/// A client built on an SDK configuration, with our time-outs, for another DynamoDB than the region's if there is one.
pub(crate) fn new(endpoint: Option<&Url>, shared: &SdkConfig) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(Duration::from_millis(50));
    let mut builder = Builder::from(shared).timeout_config(timeouts).retry_config(retries);
    if let Some(endpoint) = endpoint {
        builder.set_endpoint_url(Some(endpoint.to_string()));
    }
    Client::from_conf(builder.build())
}
