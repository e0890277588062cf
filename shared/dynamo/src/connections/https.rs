//! HTTP/1.1, over TLS where the address says so.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        connection::{CaptureSmithyConnection, ConnectionMetadata},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
};
use aws_smithy_types::body::SdkBody;
use http::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{CaptureConnection, HttpConnector, capture_connection},
    },
    rt::{TokioExecutor, TokioTimer},
};
use std::{
    error::Error,
    iter::successors,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{error::Elapsed, timeout};
use tower_service::Service;
use trust::Roots;

/// How long an idle connection may still be used: less than the time after which anything between us and AWS forgets
/// it.
const IDLE: Duration = Duration::from_secs(30);

/// Connections that are used again.
pub(super) type Pool = Client<Connector, SdkBody>;

/// Makes a connection, TLS included, within a time limit.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    https: HttpsConnector<HttpConnector>,
    limit: Option<Duration>,
}

/// A pool without connections; each may take `limit` to be made.
pub(super) fn pool(roots: &Roots, limit: Option<Duration>) -> Pool {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    // A request is written in pieces, and none should wait for the acknowledgement of the one before.
    http.set_nodelay(true);
    let connector = Connector { https: HttpsConnector::from((http, roots.https())), limit };
    Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector)
}

/// The answer to a request, whose head may take `limit` to come.
///
/// # Errors
/// When there is none. The SDK decides by the kind of the error whether it asks again.
pub(super) async fn ask(
    pool: &Pool,
    request: HttpRequest,
    limit: Option<Duration>,
) -> Result<HttpResponse, ConnectorError> {
    let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let connection = capture_connection(&mut request);
    if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
        capture.set_connection_retriever(move || handle(&connection));
    }
    let answer = within(limit, pool.request(request)).await.map_err(failed)?;
    HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
        .map_err(|error| ConnectorError::other(error.into(), None))
}

/// What the SDK gives a connection up with, after an answer that says that the server is in trouble.
fn handle(connection: &CaptureConnection) -> Option<ConnectionMetadata> {
    connection.connection_metadata().as_ref()?;
    let connection = connection.clone();
    let poison = move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(false).poison_fn(poison).build())
}

impl Service<Uri> for Connector {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(within(self.limit, self.https.call(to)))
    }
}

async fn within<T, E: Into<BoxError>>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, BoxError> {
    match limit {
        Some(limit) => timeout(limit, work).await?.map_err(Into::into),
        None => work.await.map_err(Into::into),
    }
}

/// The kind of a failure: too late, or else one of the network, after which another connection may do.
fn failed(error: BoxError) -> ConnectorError {
    let sources = successors(Some(&*error as &(dyn Error + 'static)), |&error| error.source());
    match sources.into_iter().any(|error| error.is::<Elapsed>()) {
        true => ConnectorError::timeout(error),
        false => ConnectorError::io(error),
    }
}
