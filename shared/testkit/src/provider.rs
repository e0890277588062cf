mod documents;
mod endpoints;
mod grants;
mod key;
mod lie;

pub use lie::{Answer, Endpoint, Forgery, Lie};

use axum::{
    Router, middleware,
    routing::{get, post},
};
use grants::Grant;
use jiff::Timestamp;
use key::Key;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeSet, HashMap},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

/// An OpenID provider on this machine: honest and complete, until it is told to lie. Its only user is Ana, its only
/// client is that of [`environment`](Self::environment). It stops when it is dropped.
pub struct Provider {
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

/// How often each endpoint was called, with any answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// The discovery document.
    pub discovery: u32,
    /// The key set.
    pub jwks: u32,
    /// The token endpoint.
    pub token: u32,
}

struct Inner {
    issuer: String,
    book: Mutex<Book>,
}

/// What changes while the provider runs.
struct Book {
    /// The published keys; the first signs.
    keys: Vec<Key>,
    /// A key that is published only at the address that ID tokens signed with it name.
    stranger: Option<Key>,
    lies: Vec<Lie>,
    script: Option<Script>,
    grants: HashMap<String, Grant>,
    clock: Option<Timestamp>,
    calls: Calls,
    peers: BTreeSet<SocketAddr>,
    secrets: Vec<String>,
}

type Script = Box<dyn FnMut(&mut Map<String, Value>, &mut Map<String, Value>) + Send>;

const CLIENT_ID: &str = "client of the tests";
/// Contains characters that form encoding and Basic authentication could get wrong (RFC 6749 section 2.3.1).
const CLIENT_SECRET: &str = "s3cret: 100% +/&=?ü";

impl Provider {
    /// A provider on a free port, signing with RS256.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("the port"));
        let book = Book {
            keys: vec![Key::new("RS256")],
            stranger: None,
            lies: Vec::new(),
            script: None,
            grants: HashMap::new(),
            clock: None,
            calls: Calls::default(),
            peers: BTreeSet::new(),
            secrets: vec![CLIENT_SECRET.to_owned()],
        };
        let inner = Arc::new(Inner { issuer, book: Mutex::new(book) });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(endpoints::discovery))
            .route("/authorize", get(endpoints::authorize))
            .route("/token", post(endpoints::token))
            .route("/jwks", get(endpoints::jwks))
            .layer(middleware::from_fn_with_state(Arc::clone(&inner), endpoints::count_connection))
            .with_state(Arc::clone(&inner));
        let router = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { inner, server }
    }

    /// Its issuer.
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// The secret that its client shares with it.
    pub fn client_secret(&self) -> &str {
        CLIENT_SECRET
    }

    /// The variables that make it the only configured provider, called `name`.
    pub fn environment(&self, name: &str) -> Vec<(String, String)> {
        let prefix = format!("OIDC_{}", name.to_uppercase().replace('-', "_"));
        vec![
            ("OIDC_PROVIDERS".to_owned(), name.to_owned()),
            (format!("{prefix}_ISSUER"), self.issuer().to_owned()),
            (format!("{prefix}_CLIENT_ID"), CLIENT_ID.to_owned()),
            (format!("{prefix}_CLIENT_SECRET"), CLIENT_SECRET.to_owned()),
        ]
    }

    /// Tells this lie from now on, in addition to earlier ones.
    pub fn lie(&self, lie: Lie) -> &Self {
        self.inner.book().lies.push(lie);
        self
    }

    /// Ends all lies.
    pub fn repent(&self) -> &Self {
        let mut book = self.inner.book();
        book.lies.clear();
        book.script = None;
        drop(book);
        self
    }

    /// Lets `script` change the header and the claims of every ID token before it is signed, after all [`Lie`]s.
    pub fn script(
        &self,
        script: impl FnMut(&mut Map<String, Value>, &mut Map<String, Value>) + Send + 'static,
    ) -> &Self {
        self.inner.book().script = Some(Box::new(script));
        self
    }

    /// The time its tokens are issued at, instead of the true one.
    pub fn set_clock(&self, now: Timestamp) -> &Self {
        self.inner.book().clock = Some(now);
        self
    }

    /// Replaces all keys by a new one for this algorithm: `RS…`, `PS…`, `ES256`, `ES384` or `EdDSA`.
    pub fn sign_with(&self, algorithm: &'static str) -> &Self {
        self.inner.book().keys = vec![Key::new(algorithm)];
        self
    }

    /// Replaces all keys by a new one for the same algorithm.
    pub fn rotate(&self) -> &Self {
        let algorithm = self.inner.book().keys[0].algorithm;
        self.sign_with(algorithm)
    }

    /// Publishes one more key, which signs nothing.
    pub fn publish(&self, algorithm: &'static str) -> &Self {
        self.inner.book().keys.push(Key::new(algorithm));
        self
    }

    /// The signing key in the forms that an attacker may use as a shared secret: DER, PEM and JWK.
    pub fn public_key_as_secrets(&self) -> Vec<Vec<u8>> {
        self.inner.book().keys[0].as_secrets()
    }

    /// Does what the browser does at the provider: follows `url` there, where Ana agrees. Returns the address to which
    /// the browser is sent back.
    ///
    /// # Panics
    /// When the authorization request is incomplete or wrong.
    pub fn authorize(&self, url: &str) -> String {
        let url = Url::parse(url).expect("an authorization URL");
        assert_eq!(url.as_str().split('?').next(), Some(&*format!("{}/authorize", self.issuer())));
        self.inner.authorize(url.query().unwrap_or_default()).expect("a correct authorization request")
    }

    /// The calls so far.
    pub fn calls(&self) -> Calls {
        self.inner.book().calls
    }

    /// The number of connections on which they came.
    pub fn connections(&self) -> usize {
        self.inner.book().peers.len()
    }

    /// The client's secret, and every code, verifier and token that passed through the token endpoint so far: none of
    /// them may appear in a log or an error.
    pub fn secrets(&self) -> Vec<String> {
        self.inner.book().secrets.clone()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Inner {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
