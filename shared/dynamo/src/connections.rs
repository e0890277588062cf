use aws_sdk_dynamodb::{config::ConfigBag, error::BoxError};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::{RuntimeComponents, RuntimeComponentsBuilder},
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long an idle connection may still be used: less than the time after which anything between us and DynamoDB
/// forgets it.
const IDLE: Duration = Duration::from_secs(30);

/// The connections to DynamoDB.
///
/// Lambda freezes a function between two calls, and its sockets die meanwhile without notice: finding this out would
/// cost a whole attempt per socket. So a connection that was idle for long is not used again. After an attempt that got
/// no answer in time, the next one uses a new connection, however many old ones there are.
#[derive(Clone, Debug)]
pub(crate) struct Connections(Arc<Mutex<SharedHttpClient>>);

/// A connector that gives up its connections when one of their requests is given up.
#[derive(Debug)]
struct Watched {
    connector: SharedHttpConnector,
    connections: Connections,
}

/// A request without an answer yet. If it is dropped in this state, it was waited for in vain.
struct Unanswered(Option<Connections>);

impl Connections {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(fresh())))
    }

    fn current(&self) -> MutexGuard<'_, SharedHttpClient> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpClient for Connections {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.current().http_connector(settings, components);
        SharedHttpConnector::new(Watched { connector, connections: self.clone() })
    }

    /// Reads the roots of trust while the function starts, not in its first request.
    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.current().validate_base_client_config(components, config)
    }
}

impl HttpConnector for Watched {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.connector.call(request);
        let unanswered = Unanswered(Some(self.connections.clone()));
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
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
            *connections.current() = fresh();
        }
    }
}

/// A client without connections. The roots of trust are read once per process.
fn fresh() -> SharedHttpClient {
    Builder::new().pool_idle_timeout(IDLE).tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https()
}
