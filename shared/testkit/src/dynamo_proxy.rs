use crate::{
    Held, calls,
    fuse::Fuse,
    script::{Play, Script},
    steps::Steps,
};
use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use sockets::Sockets;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{net::TcpListener, task::JoinHandle};
use trust::Roots;

mod sockets;

/// The prefix of every table name.
pub(crate) const TABLE_PREFIX: &str = "test-";

/// Passes calls to a DynamoDB, counts them by operation, and plays faults.
pub struct DynamoProxy {
    endpoint: String,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not executed, answered 500.
    Fail,
    /// Not executed, answered that the table's throughput is exceeded.
    Throttle,
    /// Not executed, answered that a concurrent transaction won.
    Conflict,
    /// Not executed, never answered.
    Hang,
    /// Executed, answered 500: the caller cannot know that it was executed.
    LoseAnswer,
    /// Executed as usual: a step in a script.
    Pass,
}

struct Shared {
    target: String,
    client: reqwest::Client,
    script: Script<Fault>,
    fuse: Arc<Fuse>,
    steps: Arc<Steps>,
    lagging: AtomicBool,
    sockets: Sockets,
}

impl DynamoProxy {
    /// A proxy on a free port, in front of `target`.
    pub async fn start(target: String) -> Self {
        Self::start_with(target, Arc::default(), Arc::default()).await
    }

    pub(crate) async fn start_with(target: String, fuse: Arc<Fuse>, steps: Arc<Steps>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let client = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(Roots::default().https());
        let client = client.build().expect("an HTTP client");
        let (script, lagging, sockets) = (Script::default(), AtomicBool::new(false), Sockets::default());
        let shared = Arc::new(Shared { target, client, script, fuse, steps, lagging, sockets });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move { axum::serve(listener, service).await.expect("a server") });
        Self { endpoint, shared, serving }
    }

    /// The value for `AWS_ENDPOINT_URL_DYNAMODB`.
    pub fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    /// Calls since the start, of every operation.
    pub fn calls(&self) -> usize {
        self.shared.script.count()
    }

    /// Calls since the start of one operation, such as `GetItem`.
    pub fn calls_of(&self, operation: &str) -> usize {
        self.shared.script.count_of(operation)
    }

    /// From now on every call of `operation` (`None`: every call) has this fault, until [`heal`](Self::heal).
    pub fn break_all(&self, operation: Option<&str>, fault: Fault) {
        self.shared.script.break_all(operation, fault);
    }

    /// The next calls of `operation` have these faults, one each.
    pub fn break_next(&self, operation: &str, faults: &[Fault]) {
        self.shared.script.break_next(operation, faults);
    }

    /// The next call of `operation` waits for the test before it is executed.
    pub fn hold_next(&self, operation: &str) -> Held {
        self.shared.script.hold_next(operation)
    }

    /// From now on eventually consistent reads are answered by a replica that has received nothing yet.
    pub fn lag(&self) {
        self.shared.lagging.store(true, Ordering::SeqCst);
    }

    /// From now on data on connections that were already used is lost, as after a thaw with dead sockets whose peer was
    /// not told. New connections work.
    pub fn silence_open_connections(&self) {
        self.shared.sockets.silence();
    }

    /// Ends all faults, except for dead sockets.
    pub fn heal(&self) {
        self.shared.script.heal();
        self.shared.lagging.store(false, Ordering::SeqCst);
    }

    /// Keeps what is sent from now on.
    pub fn record(&self) {
        self.shared.script.record();
    }

    /// The bodies of the calls since [`record`](Self::record).
    pub fn recorded(&self) -> Vec<u8> {
        self.shared.script.recorded()
    }
}

impl Drop for DynamoProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn pass(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if shared.sockets.is_dead(client) {
        return std::future::pending().await;
    }
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    let user_agent = headers.get("user-agent").and_then(|value| value.to_str().ok()).unwrap_or_default();
    calls::record(user_agent, operation, TABLE_PREFIX, &body);
    let play = shared.script.play(operation, &body);
    let mut turn = shared.steps.turn(operation);
    turn.come().await;
    if !shared.fuse.passes() {
        return std::future::pending().await;
    }
    let fault = match play {
        Play::Pass => Fault::Pass,
        Play::Fault(fault) => fault,
        Play::Hold(gate) => {
            gate.pass().await;
            Fault::Pass
        }
    };
    match fault {
        Fault::Fail => refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
        Fault::Throttle => refuse(StatusCode::BAD_REQUEST, "ProvisionedThroughputExceededException"),
        Fault::Conflict if operation.starts_with("Transact") => {
            refuse(StatusCode::BAD_REQUEST, "TransactionCanceledException")
        }
        Fault::Conflict => refuse(StatusCode::BAD_REQUEST, "TransactionConflictException"),
        Fault::Hang => std::future::pending().await,
        Fault::LoseAnswer => {
            forward(&shared, headers, body).await;
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError")
        }
        Fault::Pass if operation == "GetItem" && shared.lagging.load(Ordering::SeqCst) && !is_consistent(&body) => {
            answer(StatusCode::OK, "{}".to_owned())
        }
        Fault::Pass => forward(&shared, headers, body).await,
    }
}

fn is_consistent(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).contains(r#""ConsistentRead":true"#)
}

async fn forward(shared: &Shared, mut headers: HeaderMap, body: Bytes) -> Response {
    headers.remove("host");
    let answer = shared.client.post(&shared.target).headers(headers).body(body).send().await.expect("DynamoDB");
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.bytes().await.expect("a whole answer")).into_response()
}

fn refuse(status: StatusCode, kind: &str) -> Response {
    let reasons = match kind {
        "TransactionCanceledException" => {
            r#","CancellationReasons":[{"Code":"TransactionConflict","Message":"another won"},{"Code":"None"}]"#
        }
        _ => "",
    };
    let kind = format!("com.amazonaws.dynamodb.v20120810#{kind}");
    answer(status, format!(r#"{{"__type":"{kind}","message":"a fault that a test asked for"{reasons}}}"#))
}

fn answer(status: StatusCode, body: String) -> Response {
    (status, [("content-type", "application/x-amz-json-1.0")], body).into_response()
}
