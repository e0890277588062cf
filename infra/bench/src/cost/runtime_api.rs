use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

/// The Lambda runtime API, version 2018-06-01, for one function: it hands out one event for each poll, and takes the
/// answer.
pub struct RuntimeApi {
    address: SocketAddr,
    polls: mpsc::UnboundedReceiver<Poll>,
    answers: mpsc::UnboundedReceiver<Result<Bytes, Bytes>>,
    serving: JoinHandle<()>,
}

/// The function waits for an event: it has started, or answered the one before.
pub struct Poll(oneshot::Sender<Bytes>);

struct Ends {
    polls: mpsc::UnboundedSender<Poll>,
    answers: mpsc::UnboundedSender<Result<Bytes, Bytes>>,
    /// Each invocation has an id of its own.
    count: AtomicU64,
}

impl RuntimeApi {
    pub async fn start() -> Self {
        let (polls, polled) = mpsc::unbounded_channel();
        let (answers, answered) = mpsc::unbounded_channel();
        let ends = Arc::new(Ends { polls, answers, count: AtomicU64::new(0) });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(error))
            .layer(DefaultBodyLimit::disable())
            .with_state(ends);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await.expect("a server") });
        Self { address, polls: polled, answers: answered, serving }
    }

    /// What `AWS_LAMBDA_RUNTIME_API` holds.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// The next poll.
    pub async fn polled(&mut self) -> Poll {
        self.polls.recv().await.expect("a running server")
    }

    /// The answer to the last event.
    pub async fn answered(&mut self) -> Bytes {
        let answer = self.answers.recv().await.expect("a running server");
        answer.unwrap_or_else(|error| panic!("the function failed: {}", String::from_utf8_lossy(&error)))
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Poll {
    /// Hands an event to the function.
    pub fn serve(self, event: Bytes) {
        self.0.send(event).expect("a function that waits");
    }
}

async fn next(State(ends): State<Arc<Ends>>) -> Response {
    let (serve, served) = oneshot::channel();
    drop(ends.polls.send(Poll(serve)));
    let Ok(event) = served.await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let count = ends.count.fetch_add(1, Ordering::Relaxed);
    let headers = [
        ("lambda-runtime-aws-request-id", format!("8476a536-e9f4-11e8-9739-{count:012x}")),
        ("lambda-runtime-deadline-ms", "4102444800000".to_owned()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:bench".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event).into_response()
}

async fn response(State(ends): State<Arc<Ends>>, answer: Bytes) -> StatusCode {
    drop(ends.answers.send(Ok(answer)));
    StatusCode::ACCEPTED
}

async fn error(State(ends): State<Arc<Ends>>, error: Bytes) -> StatusCode {
    drop(ends.answers.send(Err(error)));
    StatusCode::ACCEPTED
}
