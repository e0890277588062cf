//! Connections: how many there are, how long each is waited for, and how they end.

use crate::{
    Front, Limits, Unread,
    limited::{Limited, Turn},
};
use bytes::Bytes;
use edge::LARGEST_HEAD;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::{sleep, timeout},
};

/// Room for the line of a request and what the functions call too long, so that they say so.
const HEAD: usize = LARGEST_HEAD + 8 * 1024;

/// After a connection cannot be taken, because the system has no room for it.
const PAUSE: Duration = Duration::from_millis(100);

/// Tells the present.
pub type Clock = fn() -> Timestamp;

/// Lives as long as anything that has to be waited for.
type Alive = mpsc::Sender<()>;

/// What every connection needs.
#[derive(Clone)]
struct Shared {
    front: Arc<Front>,
    limits: Limits,
    clock: Clock,
    stopping: watch::Receiver<bool>,
    alive: Alive,
}

/// Serves requests until `stop`. Then it takes no more connections, and waits for the answers that are under way, for a
/// limited time. Returns whether all of them were finished.
pub async fn serve(
    listener: TcpListener,
    front: Arc<Front>,
    limits: Limits,
    clock: Clock,
    stop: impl Future<Output = ()>,
) -> bool {
    let (stopped, stopping) = watch::channel(false);
    let (alive, mut over) = mpsc::channel(1);
    let shared = Shared { front, limits, clock, stopping, alive };
    let seats = Arc::new(Semaphore::new(limits.connections));
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            (seat, stream, peer) = accept(&listener, &seats) => {
                let connection = connection(shared.clone(), stream, peer.ip());
                tokio::spawn(async move {
                    connection.await;
                    drop(seat);
                });
            }
        }
    }
    drop((listener, shared));
    stopped.send_replace(true);
    timeout(limits.grace, over.recv()).await.is_ok()
}

/// The next connection, as soon as there is room for it.
async fn accept(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, TcpStream, SocketAddr) {
    // The semaphore is never closed.
    let seat = Arc::clone(seats).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (seat, stream, peer),
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a connection cannot be taken");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Whether the client was gone before its connection was taken.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(error.kind(), Kind::ConnectionAborted | Kind::ConnectionReset | Kind::ConnectionRefused)
}

async fn connection(shared: Shared, stream: TcpStream, peer: IpAddr) {
    // An answer must not wait for the acknowledgement of the one before. If that cannot be set, it waits.
    drop(stream.set_nodelay(true));
    let turn = Turn::default();
    let io = TokioIo::new(Limited::new(stream, shared.limits, turn.clone()));
    let mut stopping = shared.stopping.clone();
    let service = service_fn(|request| {
        turn.pass();
        let answer = answer(shared.clone(), request, peer);
        let turn = turn.clone();
        async move {
            let answer = answer.await;
            turn.pass();
            answer
        }
    });
    let mut http = http1::Builder::new();
    // The time for the headers is measured below, where the time between two requests is another one.
    http.header_read_timeout(None).max_buf_size(HEAD);
    let mut connection = pin!(http.serve_connection(io, service));
    // If a connection fails, its client knows, and the log has the line of each of its requests.
    let asked = async { drop(stopping.wait_for(|stopping| *stopping).await) };
    tokio::select! {
        ended = connection.as_mut() => drop(ended),
        () = asked => {
            connection.as_mut().graceful_shutdown();
            drop(connection.await);
        }
    }
}

/// Answers a request in a task of its own: if the client goes away, as at the gateway, what it asked for is done.
async fn answer(shared: Shared, request: Request<Incoming>, peer: IpAddr) -> Result<Response<Full<Bytes>>, Unread> {
    let Shared { front, limits, clock, alive, .. } = shared;
    let work = tokio::spawn(async move {
        let answer = front.answer(request, peer, limits.body, clock).await;
        drop(alive);
        answer.map(|answer| answer.map(Full::new))
    });
    work.await.unwrap_or(Err(Unread::Broken))
}
