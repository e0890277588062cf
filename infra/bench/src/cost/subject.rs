use crate::{
    program::{Profile, Program},
    request::event_of_a_page,
};
use scene::{Browser, COOKIE, Request, Stores, now, settings, variables};
use serde_json::json;
use session::{Policy, Sessions, Token};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    pin::Pin,
    process::Command,
};
use tempfile::TempDir;
use testkit::{Authority, Opening, TlsFront};
use users::{Email, Name, NewUser, Password, Passwords, Users};

const PASSWORD: &str = "correct horse battery staple";

/// What is measured: the floors, then the functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A `lambda_http` function that answers with a constant.
    Constant,
    /// One that asks Redis once.
    Redis,
    /// `me` by axum and tower-sessions.
    Axum,
    /// One that reads a row of DynamoDB.
    Row,
    /// One that signs once.
    Signature,
    /// `GET /me` with a warm session.
    Me,
    /// The same with Redis over TLS, as a deployment has it.
    MeOverTls,
    /// `POST /session/token`.
    SessionToken,
    /// `POST /logout`, with a new session each time.
    Logout,
    /// `POST /login` with the right password, hashed at the least cost, for a new account each time.
    Login,
}

impl Subject {
    /// Those whose instructions are counted. TLS is left out: its handshake under valgrind takes longer than `me` waits.
    pub const COUNTED: [Self; 9] = [
        Self::Constant,
        Self::Redis,
        Self::Axum,
        Self::Row,
        Self::Signature,
        Self::Me,
        Self::SessionToken,
        Self::Logout,
        Self::Login,
    ];

    /// Those whose times are taken.
    pub fn timed() -> impl Iterator<Item = Self> {
        Self::COUNTED.into_iter().chain([Self::MeOverTls])
    }

    /// The name that tables show.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "floor-constant",
            Self::Redis => "floor-redis",
            Self::Axum => "floor-axum",
            Self::Row => "floor-row",
            Self::Signature => "floor-signature",
            Self::Me => "me",
            Self::MeOverTls => "me, rediss://",
            Self::SessionToken => "session-token",
            Self::Logout => "logout",
            Self::Login => "login",
        }
    }

    /// The name of its binary.
    pub fn binary(self) -> &'static str {
        if self == Self::MeOverTls { Self::Me.name() } else { self.name() }
    }

    /// The status of its answers.
    pub fn status(self) -> u16 {
        if self == Self::Logout { 204 } else { 200 }
    }

    /// How many requests count: fewer where each one takes long and needs its own rows.
    pub fn requests(self) -> usize {
        if matches!(self, Self::Logout | Self::Login) { 20 } else { 100 }
    }
}

/// The stores, with a user who has signed in.
pub struct World {
    stores: Stores,
    sessions: Sessions,
    users: Users,
    token: Token,
    authority: Authority,
    tls: TlsFront,
    directory: TempDir,
}

impl World {
    pub async fn start() -> Self {
        let stores = Stores::start().await;
        let sessions = stores.sessions(Policy::default());
        let users = Users::new(stores.dynamo(), settings(cheap(), Passwords::from_environment));
        let user_id = add(&users, "maria.silva@example.br").await;
        let token = stores.sign_in(&sessions, &user_id, now()).await;
        let directory = tempfile::tempdir().expect("a directory");
        stores.redis_command::<()>(&["SET", "floor", include_str!("../../../floors/src/bin/body.json")]).await;
        let authority = Authority::with_a_server_named("127.0.0.1");
        let redis = SocketAddr::from((Ipv4Addr::LOCALHOST, stores.redis.as_ref().expect("a store with Redis").port()));
        let tls = authority.front(redis, Opening::Silence).await;
        Self { stores, sessions, users, token, authority, tls, directory }
    }

    /// A file of this run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The program with the variables that a deployment gives it.
    pub fn program(&self, profile: Profile, subject: Subject) -> Program {
        let redis = match subject {
            Subject::MeOverTls => format!("rediss://127.0.0.1:{}/", self.tls.port()),
            _ => self.stores.redis.as_ref().expect("a store with Redis").url(),
        };
        let (mut all, id) = (cheap(), self.token.id());
        let more = [
            ("REDIS_URL", &*redis),
            ("AWS_ENDPOINT_URL_DYNAMODB", &*self.stores.dynamo_proxy.endpoint()),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            ("AWS_LAMBDA_FUNCTION_NAME", subject.binary()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "2031/05/06/[$LATEST]0123456789abcdef"),
            ("METRICS_NAMESPACE", "auth"),
            ("TRUSTED_PROXY_HEADER", "cloudfront-viewer-address"),
            ("FLOOR_ROW", id.as_str()),
        ];
        all.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
        if subject == Subject::MeOverTls {
            all.push(("SSL_CERT_FILE".to_owned(), self.authority.file("ca.pem").to_string_lossy().into_owned()));
        }
        Program::named(subject.binary(), profile, all)
    }

    /// This many requests for it, each of which it has to carry out.
    pub async fn events(&self, subject: Subject, count: usize) -> Vec<String> {
        let mut events = Vec::new();
        for _ in 0..count {
            // Boxed, because the future is too deep for the compiler to lay out in one piece.
            let request: Pin<Box<dyn Future<Output = _>>> = Box::pin(self.request(subject));
            events.push(event_of_a_page(request.await));
        }
        events
    }

    /// The same request over HTTP, on a connection that stays open.
    pub async fn over_http(&self, subject: Subject) -> Vec<u8> {
        let bytes = self.request(subject).await.over_http().expect("a request that HTTP can carry");
        String::from_utf8(bytes).expect("text").replace("connection: close\r\n", "").into_bytes()
    }

    async fn request(&self, subject: Subject) -> Request {
        match subject {
            Subject::Constant
            | Subject::Redis
            | Subject::Row
            | Subject::Signature
            | Subject::Me
            | Subject::MeOverTls => Request::get("/me").cookie(COOKIE, &self.token.expose()),
            Subject::Axum => {
                let Program { path, variables } = self.program(Profile::Release, subject);
                let stored = Command::new(path).arg("store").envs(variables).status().expect("a program");
                assert!(stored.success(), "the session of axum is not stored");
                Request::get("/me").cookie("id", "AQAAAAAAAAAAAAAAAAAAAA")
            }
            Subject::SessionToken => Request::post("/session/token").by(&Browser { token: self.token.clone() }),
            Subject::Logout => {
                let user_id = add(&self.users, &address()).await;
                let token = self.stores.sign_in(&self.sessions, &user_id, now()).await;
                Request::post("/logout").by(&Browser { token })
            }
            Subject::Login => {
                let email = address();
                add(&self.users, &email).await;
                Request::post("/login").json(&json!({ "email": email, "password": PASSWORD }))
            }
        }
    }
}

/// A new account with a name and a password. Returns its id.
async fn add(users: &Users, email: &str) -> String {
    let name = Name::parse("Maria Fernandes").expect("a name");
    let (email, password) = (Email::parse(email).expect("an address"), Password::parse(PASSWORD).expect("a password"));
    users.add(NewUser { email, password: Some(password), name: Some(name) }, now()).await.expect("a new user")
}

/// An address that no account has.
fn address() -> String {
    format!("{}@example.com", Token::generate().expect("random bytes").id().as_str()[..10].to_lowercase())
}

/// The variables of a deployment in which a hash costs nothing.
fn cheap() -> Vec<(String, String)> {
    let mut all = variables();
    let more = [("ARGON2_MEMORY_KIB", "8"), ("ARGON2_TIME_COST", "1"), ("TABLE_PREFIX", "test-")];
    all.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    all
}
