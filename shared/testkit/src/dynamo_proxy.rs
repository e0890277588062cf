use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::TcpListener, task::JoinHandle};

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
    /// Not executed, never answered.
    Hang,
    /// Executed, answered 500: nobody knows that it was.
    LoseAnswer,
    /// Executed as usual: a place in a script.
    Pass,
}

struct Shared {
    target: String,
    client: reqwest::Client,
    script: Mutex<Script>,
}

#[derive(Default)]
struct Script {
    calls: BTreeMap<String, usize>,
    always: Vec<(Option<String>, Fault)>,
    next: BTreeMap<String, VecDeque<Fault>>,
}

impl DynamoProxy {
    /// A proxy on a free port, in front of `target`.
    pub async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
        let client = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let shared = Arc::new(Shared { target, client, script: Mutex::default() });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { endpoint, shared, serving }
    }

    /// What `AWS_ENDPOINT_URL_DYNAMODB` must say.
    pub fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    /// Calls since the start, of every operation.
    pub fn calls(&self) -> usize {
        self.script().calls.values().sum()
    }

    /// Calls since the start of one operation, such as `GetItem`.
    pub fn calls_of(&self, operation: &str) -> usize {
        self.script().calls.get(operation).copied().unwrap_or_default()
    }

    /// From now on every call of `operation` (`None`: every call) has this fault, until [`heal`](Self::heal).
    pub fn break_all(&self, operation: Option<&str>, fault: Fault) {
        self.script().always.push((operation.map(str::to_owned), fault));
    }

    /// The next calls of `operation` have these faults, one each.
    pub fn break_next(&self, operation: &str, faults: &[Fault]) {
        self.script().next.entry(operation.to_owned()).or_default().extend(faults);
    }

    /// No faults any more.
    pub fn heal(&self) {
        let mut script = self.script();
        script.always.clear();
        script.next.clear();
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.shared.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for DynamoProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Script {
    fn count(&mut self, operation: &str) -> Fault {
        *self.calls.entry(operation.to_owned()).or_default() += 1;
        let next = self.next.get_mut(operation).and_then(VecDeque::pop_front);
        let always = self.always.iter().find(|(of, _)| of.as_deref().is_none_or(|of| of == operation));
        next.or(always.map(|(_, fault)| *fault)).unwrap_or(Fault::Pass)
    }
}

async fn pass(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    let fault = shared.script.lock().unwrap_or_else(PoisonError::into_inner).count(operation);
    match fault {
        Fault::Fail => refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
        Fault::Throttle => refuse(StatusCode::BAD_REQUEST, "ProvisionedThroughputExceededException"),
        Fault::Hang => std::future::pending().await,
        Fault::LoseAnswer => {
            forward(&shared, headers, body).await;
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError")
        }
        Fault::Pass => forward(&shared, headers, body).await,
    }
}

async fn forward(shared: &Shared, mut headers: HeaderMap, body: Bytes) -> Response {
    headers.remove("host");
    let answer = shared.client.post(&shared.target).headers(headers).body(body).send().await.expect("DynamoDB");
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.bytes().await.expect("a whole answer")).into_response()
}

fn refuse(status: StatusCode, kind: &str) -> Response {
    let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{kind}","message":"a fault that a test asked for"}}"#);
    (status, [("content-type", "application/x-amz-json-1.0")], body).into_response()
}
