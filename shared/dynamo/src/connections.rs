use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use https::Pool;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use trust::Roots;

mod https;

/// The connections to AWS, for every client that is built on one configuration.
///
/// Lambda freezes a function between two calls, and its sockets die meanwhile without notice: finding this out would
/// cost a whole attempt per socket. So a connection that was idle for long is not used again. After an attempt that got
/// no answer in time, the next one uses a new connection, however many old ones there are.
#[derive(Clone, Debug)]
pub struct Connections(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    roots: Roots,
    /// By the time that a new connection may take: clients differ in it.
    pools: Mutex<BTreeMap<Option<Duration>, Pool>>,
}

/// A connector that gives up all connections when one of their requests is given up.
#[derive(Debug)]
struct Watched {
    connections: Connections,
    pool: Pool,
    /// The time for an answer.
    limit: Option<Duration>,
}

/// A request without an answer yet. If it is dropped in this state, it was waited for in vain.
struct Unanswered(Option<Connections>);

impl Connections {
    /// None yet, to servers that these authorities vouch for. The first is made by the first call.
    pub fn new(roots: Roots) -> Self {
        Self(Arc::new(Inner { roots, pools: Mutex::default() }))
    }

    fn pools(&self) -> MutexGuard<'_, BTreeMap<Option<Duration>, Pool>> {
        self.0.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpClient for Connections {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let limit = settings.connect_timeout();
        let pool = self.pools().entry(limit).or_insert_with(|| https::pool(&self.0.roots, limit)).clone();
        SharedHttpConnector::new(Watched { connections: self.clone(), pool, limit: settings.read_timeout() })
    }
}

impl HttpConnector for Watched {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (pool, limit) = (self.pool.clone(), self.limit);
        let unanswered = Unanswered(Some(self.connections.clone()));
        HttpConnectorFuture::new(async move {
            let answer = https::ask(&pool, request, limit).await;
            unanswered.disarm();
            answer
        })
    }
}

impl Unanswered {
    /// An answer came: the connections are good.
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        if let Some(connections) = &self.0 {
            connections.pools().clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;

    #[test]
    fn clients_with_the_same_limit_share_connections_which_go_with_an_answer_that_never_came() {
        let connections = Connections::new(Roots::default());
        let components = RuntimeComponentsBuilder::for_tests().build().unwrap();
        let connector = |milliseconds| {
            let limit = Duration::from_millis(milliseconds);
            connections.http_connector(&HttpConnectorSettings::builder().connect_timeout(limit).build(), &components)
        };
        for (milliseconds, pools) in [(500, 1), (500, 1), (400, 2)] {
            connector(milliseconds);
            assert_eq!(connections.pools().len(), pools);
        }
        Unanswered(Some(connections.clone())).disarm();
        assert_eq!(connections.pools().len(), 2);
        drop(Unanswered(Some(connections.clone())));
        assert_eq!(connections.pools().len(), 0);
    }
}
