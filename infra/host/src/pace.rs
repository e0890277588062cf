use aws_config::{SdkConfig, timeout::TimeoutConfig};
use jiff::SignedDuration;
use std::time::Duration;

/// How often and how long the background work is done.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Of the lease: after a holder that died, the next one begins so much later.
    pub life: SignedDuration,
    /// Between two tries for the lease, and between two renewals. Three fit into its life.
    pub retry: Duration,
    /// Between two looks at the outbox, and at a stream.
    pub pause: Duration,
    /// The age at which the record of an ending comes again. By then Redis has failed over, or its replica has caught up.
    pub again: SignedDuration,
    /// A scheduler's call ends when a stream has told nothing for so long.
    pub quiet: Duration,
    /// A scheduler's call begins nothing after this.
    pub longest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            life: SignedDuration::from_secs(15),
            retry: Duration::from_secs(5),
            pause: Duration::from_secs(1),
            again: SignedDuration::from_secs(20),
            quiet: Duration::from_secs(2),
            longest: Duration::from_secs(20),
        }
    }
}

impl Pace {
    /// The configuration of the clients of streams: no call may take longer than the lease has left.
    pub(crate) fn streams(&self, aws: &SdkConfig, endpoint: Option<String>) -> SdkConfig {
        let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(1)).operation_timeout(self.retry);
        let mut config = aws.to_builder().timeout_config(timeouts.build());
        if endpoint.is_some() {
            config.set_endpoint_url(endpoint);
        }
        config.build()
    }
}
