use redis::{
    AsyncConnectionConfig, Cmd, Pipeline, RedisFuture, RedisResult, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
};
use std::time::Duration;
use url::Url;

const CONNECT: Duration = Duration::from_millis(400);
const RESPOND: Duration = Duration::from_millis(250);

/// Where Redis is and whether it is a cluster.
#[derive(Clone)]
pub struct Config {
    url: Url,
    cluster: bool,
}

impl Config {
    /// Reads `redis://` or `rediss://` (TLS) with an optional `cluster=true` in its query.
    ///
    /// # Errors
    /// When the text is no such URL. The reason does not repeat it: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "is not a URL such as redis://host:6379 or rediss://user:password@host:6379?cluster=true";
        let mut url = Url::parse(text).map_err(|_| FORM)?;
        if !matches!(url.scheme(), "redis" | "rediss") || url.host_str().is_none_or(str::is_empty) {
            return Err(FORM);
        }
        let (ours, rest): (Vec<_>, Vec<_>) = url.query_pairs().into_owned().partition(|(name, _)| name == "cluster");
        let cluster = match ours.as_slice() {
            [] => false,
            [(_, value)] if value == "true" => true,
            [(_, value)] if value == "false" => false,
            _ => return Err("says something other than cluster=true or cluster=false"),
        };
        url.set_query(None);
        if !rest.is_empty() {
            url.query_pairs_mut().extend_pairs(rest);
        }
        Ok(Self { url, cluster })
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Config({}, cluster: {})", self.url.host_str().unwrap_or_default(), self.cluster)
    }
}

/// Makes connections, each bounded in time.
#[expect(clippy::large_enum_variant, reason = "a process has one")]
pub(super) enum Source {
    Single(redis::Client),
    Cluster(ClusterClient),
}

impl Source {
    pub fn new(config: &Config) -> RedisResult<Self> {
        if !config.cluster {
            return Ok(Self::Single(redis::Client::open(config.url.as_str())?));
        }
        // The cluster client retries 16 times by itself; ours are counted in `Hot`, so it follows a slot that moved
        // and gives up.
        let client = ClusterClient::builder([config.url.as_str()])
            .connection_timeout(CONNECT)
            .response_timeout(RESPOND)
            .overall_response_timeout(Some(2 * RESPOND))
            .retries(1)
            .max_retry_wait(20)
            .min_retry_wait(5)
            .build()?;
        Ok(Self::Cluster(client))
    }

    pub async fn connect(&self) -> RedisResult<Link> {
        match self {
            Self::Single(client) => {
                let config = AsyncConnectionConfig::new()
                    .set_connection_timeout(Some(CONNECT))
                    .set_response_timeout(Some(RESPOND));
                Ok(Link::Single(client.get_multiplexed_async_connection_with_config(&config).await?))
            }
            Self::Cluster(client) => {
                let connecting = tokio::time::timeout(2 * CONNECT, client.get_async_connection());
                let connected = connecting.await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?;
                Ok(Link::Cluster(connected?))
            }
        }
    }
}

/// A connection to a single node or to a cluster.
#[derive(Clone)]
pub(super) enum Link {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl ConnectionLike for Link {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(link) => link.req_packed_command(command),
            Self::Cluster(link) => link.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(link) => link.req_packed_commands(pipeline, offset, count),
            Self::Cluster(link) => link.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(link) => link.get_db(),
            Self::Cluster(link) => link.get_db(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_url_says_tls_and_cluster() {
        let config = Config::parse("rediss://user:secret@cache.example.com:6380?cluster=true&protocol=resp3").unwrap();
        assert!(config.cluster);
        assert_eq!(config.url.as_str(), "rediss://user:secret@cache.example.com:6380?protocol=resp3");
        assert!(!Config::parse("redis://127.0.0.1").unwrap().cluster);
    }

    #[test]
    fn other_urls_are_refused_without_being_repeated() {
        for text in ["http://secret", "secret", "redis:///", "redis://secret?cluster=yes", "redis+unix:///secret"] {
            let reason = Config::parse(text).expect_err(text);
            assert!(!reason.contains("secret"), "{reason}");
        }
    }

    #[test]
    fn debug_shows_no_password() {
        let config = Config::parse("rediss://user:secret@cache.example.com").unwrap();
        assert!(!format!("{config:?}").contains("secret"));
    }
}
