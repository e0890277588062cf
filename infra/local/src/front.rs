//! What browsers ask: it stands before the gateway, and adds what the gateway of a deployment does and `cargo lambda watch`
//! does not. Which pages may read an answer is the host's rule, which is that of `template.yaml`.

use ::host::Cors;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Version, header, request::Parts};
use http_body_util::{Either, Full};
use hyper::{body::Incoming, client, server, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// After a connection cannot be taken, because the system has no room for it.
const PAUSE: Duration = Duration::from_millis(100);

/// What is about a connection, and not about the answer (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [header::HeaderName; 2] = [header::CONNECTION, header::TRANSFER_ENCODING];

/// An answer of the gateway, or our own.
type Body = Either<Incoming, Full<Bytes>>;

/// Between browsers and the gateway.
pub struct Front {
    /// Which pages may read the answers.
    pub cors: Cors,
    /// The port of the gateway.
    pub gateway: u16,
    /// The certificate, if browsers are to use TLS.
    pub tls: Option<TlsAcceptor>,
}

impl Front {
    /// Serves for as long as the program runs.
    pub async fn serve(self, listener: TcpListener) -> Infallible {
        let front = Arc::new(self);
        loop {
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(Arc::clone(&front).connection(stream))),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// If a connection fails, its client knows.
    async fn connection(self: Arc<Self>, stream: TcpStream) {
        // An answer must not wait for the acknowledgement of the one before. If that cannot be set, it waits.
        drop(stream.set_nodelay(true));
        match &self.tls {
            None => self.requests(stream).await,
            Some(tls) => {
                let Ok(stream) = tls.accept(stream).await else { return };
                self.requests(stream).await;
            }
        }
    }

    async fn requests(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(|request| async { Ok::<_, Infallible>(self.answer(request).await) });
        let mut http = server::conn::http1::Builder::new();
        drop(http.header_read_timeout(None).serve_connection(TokioIo::new(stream), service).await);
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (head, body) = request.into_parts();
        if let Some(answer) = self.cors.preflight(&head) {
            return answer.map(|body| Body::Right(body.into()));
        }
        let answer = match self.passed_on(head.clone(), body).await {
            Ok(answer) => answer.map(Body::Left),
            Err(_) => unavailable(),
        };
        self.cors.dress(&head, answer)
    }

    /// The gateway's answer, on a connection of its own.
    async fn passed_on(&self, mut head: Parts, body: Incoming) -> Result<Response<Incoming>, Failed> {
        let stream = TcpStream::connect(("127.0.0.1", self.gateway)).await?;
        stream.set_nodelay(true)?;
        let (mut gateway, connection) = client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        head.version = Version::HTTP_11;
        head.headers.remove(header::CONNECTION);
        let mut answer = gateway.send_request(Request::from_parts(head, body)).await?;
        *answer.version_mut() = Version::HTTP_11;
        for name in HOP_BY_HOP {
            answer.headers_mut().remove(name);
        }
        if self.tls.is_some() {
            // It would hold for every port of localhost: for the provider, the mails, and what else a person runs there.
            answer.headers_mut().remove(header::STRICT_TRANSPORT_SECURITY);
        }
        Ok(answer)
    }
}

/// Why the gateway gave no answer. Its own output tells more.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Connection(#[from] std::io::Error),
    #[error(transparent)]
    Http(#[from] hyper::Error),
}

/// What the gateway of a deployment says if a function does not answer.
fn unavailable() -> Response<Body> {
    let mut answer = Response::new(Body::Right(r#"{"message":"Service Unavailable"}"#.into()));
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
