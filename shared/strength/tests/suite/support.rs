use axum::{
    Router,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use environment::Environment;
use reason::Reason;
use std::sync::{Arc, Mutex};
use strength::Strength;
use tokio::net::TcpListener;
use users::Password;

pub const GOOD: &str = "correct horse battery staple";
/// The SHA-1 of [`GOOD`] in two parts, as `sha1sum` prints it.
pub const GOOD_SHA1: (&str, &str) = ("ABF7A", "AD6438836DBE526AA231ABDE2D0EEF74D42");
pub const APP_URL: &str = "https://notes.acme.example";

pub fn strength(variables: &[(&str, &str)]) -> Strength {
    let variables = [("APP_URL", APP_URL)].iter().chain(variables).copied();
    let mut environment = Environment::of(variables);
    let strength = Strength::from_environment(&mut environment);
    environment.finish(strength).expect("usable settings")
}

pub async fn judge(strength: &Strength, password: &str, own_words: &[&str]) -> Result<(), Reason> {
    strength.judge(&Password::parse(password).expect("a password"), own_words).await
}

/// What the stand-in answers.
#[derive(Clone)]
pub enum Range {
    /// These lines.
    Lines(String),
    /// Bytes that are not text.
    Bytes(Vec<u8>),
    /// This status with lines that know the password.
    Status(u16),
    /// A redirect to another address, which knows the password.
    Redirect,
    /// As many bytes as are requested, without an end.
    Endless,
    /// Nothing.
    Hang,
    /// The beginning of a correct answer, and then nothing.
    Stall,
}

/// A stand-in for the service, and the requests it got.
pub struct Service {
    pub url: String,
    asked: Arc<Mutex<Vec<(Method, Uri, HeaderMap)>>>,
}

#[derive(Clone)]
struct Shared {
    range: Range,
    asked: Arc<Mutex<Vec<(Method, Uri, HeaderMap)>>>,
}

impl Service {
    pub async fn start(range: Range) -> Self {
        let asked = Arc::<Mutex<Vec<_>>>::default();
        let shared = Shared { range, asked: Arc::clone(&asked) };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/range/", listener.local_addr().expect("its address"));
        let router = Router::new().fallback(answer).with_state(shared);
        // Ends with the test's runtime.
        tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { url, asked }
    }

    pub fn asked(&self) -> Vec<(Method, Uri, HeaderMap)> {
        self.asked.lock().expect("no panic").clone()
    }
}

/// A line that says that [`GOOD`] is known.
pub fn hit() -> String {
    format!("{}:42", GOOD_SHA1.1)
}

async fn answer(State(shared): State<Shared>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let first = {
        let mut asked = shared.asked.lock().expect("no panic");
        asked.push((method, uri, headers));
        asked.len() == 1
    };
    match shared.range {
        Range::Lines(lines) => lines.into_response(),
        Range::Bytes(bytes) => bytes.into_response(),
        Range::Status(status) => (StatusCode::from_u16(status).expect("a status"), hit()).into_response(),
        Range::Redirect if first => (StatusCode::FOUND, [("location", "/elsewhere")]).into_response(),
        Range::Redirect => hit().into_response(),
        Range::Endless => stream(std::iter::repeat_n(format!("{}\r\n", hit()).repeat(1_000), 100_000), false),
        Range::Hang => std::future::pending().await,
        Range::Stall => stream([format!("{}\r\n", hit())], true),
    }
}

/// A body in pieces, which ends properly or stalls.
fn stream(pieces: impl IntoIterator<Item = String, IntoIter: Send + 'static>, stalls: bool) -> Response {
    use futures_util::{StreamExt, stream};
    let pieces = stream::iter(pieces.into_iter().map(Ok::<_, std::convert::Infallible>));
    let body = if stalls {
        axum::body::Body::from_stream(pieces.chain(stream::pending()))
    } else {
        axum::body::Body::from_stream(pieces)
    };
    body.into_response()
}
