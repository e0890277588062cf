use std::time::Duration;

/// How long the host waits for what it does not control, and how much of it there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first byte of a request to the end of its headers; and for the first byte of a new connection.
    pub head: Duration,
    /// For the body of a request.
    pub body: Duration,
    /// For the client to take any of its answer.
    pub write: Duration,
    /// Between two requests of a connection. A load balancer uses its connections again, and must be the first to close one:
    /// otherwise it sends a request to a connection that has just been closed. Google's keeps them for 600 seconds.
    pub idle: Duration,
    /// For what is under way when the host is asked to end. Platforms kill it after 10 seconds or more.
    pub grace: Duration,
    /// Connections at the same time. Further clients wait until one of these ends.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            write: Duration::from_secs(10),
            idle: Duration::from_secs(620),
            grace: Duration::from_secs(8),
            connections: 900,
        }
    }
}
