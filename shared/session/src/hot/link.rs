use super::place::Place;
use redis::{
    AsyncConnectionConfig, Cmd, Pipeline, RedisFuture, RedisResult, TlsCertificates, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
};
use std::time::Duration;
use trust::Roots;

const CONNECT: Duration = Duration::from_millis(400);
const RESPOND: Duration = Duration::from_millis(250);

/// Makes connections, each within a time limit.
#[expect(clippy::large_enum_variant, reason = "a process has one")]
pub(super) enum Source {
    Single(redis::Client),
    Cluster(ClusterClient),
}

impl Source {
    pub fn new(place: &Place, roots: &Roots) -> RedisResult<Self> {
        // Without a file, the client takes the authorities of `webpki-roots`, as `trust` does.
        let own = roots.pem().filter(|_| place.is_encrypted());
        let own = own.map(|pem| TlsCertificates { client_tls: None, root_cert: Some(pem.to_owned()) });
        match (place.cluster, own) {
            (false, None) => Ok(Self::Single(redis::Client::open(place.server.clone())?)),
            (false, Some(own)) => Ok(Self::Single(redis::Client::build_with_tls(place.server.clone(), own)?)),
            (true, own) => Ok(Self::Cluster(cluster(place, own)?)),
        }
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

/// By default the cluster client retries 16 times. `Hot` does the retries, so the client follows a moved slot once and
/// gives up.
fn cluster(place: &Place, own: Option<TlsCertificates>) -> RedisResult<ClusterClient> {
    let builder = ClusterClient::builder([place.server.clone()])
        .connection_timeout(CONNECT)
        .response_timeout(RESPOND)
        .overall_response_timeout(Some(2 * RESPOND))
        .retries(1)
        .max_retry_wait(20)
        .min_retry_wait(5);
    own.into_iter().fold(builder, |builder, own| builder.certs(own)).build()
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
