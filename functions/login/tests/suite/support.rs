use jiff::Timestamp;
use login::Login;
use oidc::Attempt;
use scene::{Browser, COOKIE, Provider, Reply, Request, Stores, settings};
use serde_json::{Value, json};
use session::Token;
use std::collections::BTreeMap;
use users::{Email, Name, NewUser, Password, Passwords, Users};

pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "correct horse battery staple";

/// The function on stores of its own, with one user and one provider, called `acme`.
pub struct Scene {
    scene: scene::Scene<Login>,
    pub provider: Provider,
    pub user_id: String,
}

scene::wraps!(Scene: Login);

impl Scene {
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        Self::with(stores, now, &[]).await
    }

    /// With more variables.
    pub async fn with(stores: Stores, now: Timestamp, more: &[(&str, &str)]) -> Self {
        let provider = Provider::start().await;
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let variables = [provider.environment("acme"), more.collect()].concat();
        let scene = scene::Scene::<Login>::with(stores, &variables, now);
        let user_id = add(&scene.users(), EMAIL, Some(PASSWORD), now).await;
        Self { scene, provider, user_id }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, scene::then()).await
    }

    /// Signs in with a password, and returns the browser that did.
    pub async fn sign_in(&self) -> Browser {
        let reply = self.ask(&credentials(EMAIL, PASSWORD)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        Browser { token: token(&reply) }
    }

    /// Begins a login at the provider.
    pub async fn begin(&self) -> (Reply, Attempt) {
        let reply = self.ask(&start()).await;
        assert_eq!(reply.status, 302, "{reply:?}");
        let attempt = attempts(&reply).into_iter().next().expect("an attempt's cookie");
        (reply, attempt)
    }

    /// What is stored of accounts and sessions: all but the counters of tries.
    pub async fn accounts(&self) -> BTreeMap<String, Value> {
        let mut contents = self.stores.contents().await;
        contents.remove("test-throttle").expect("the counters");
        contents
    }
}

/// Accounts whose hashes cost nothing, or what `more` says.
pub fn users(stores: &Stores, more: &[(&str, &str)]) -> Users {
    let cheap = [("ARGON2_MEMORY_KIB", "8"), ("ARGON2_TIME_COST", "1")];
    let variables = cheap.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Users::new(stores.dynamo(), settings(variables.collect(), Passwords::from_environment))
}

pub async fn add(users: &Users, email: &str, password: Option<&str>, now: Timestamp) -> String {
    let email = Email::parse(email).expect("an address");
    let password = password.map(|password| Password::parse(password).expect("a password"));
    users.add(NewUser { email, password, name: Name::parse("Ada").ok() }, now).await.expect("a new user")
}

/// The request of the sign-in page.
pub fn credentials(email: &str, password: &str) -> Request {
    Request::post("/login").json(&json!({ "email": email, "password": password }))
}

/// The link to the provider.
pub fn start() -> Request {
    Request::get("/login/{provider}").parameter("provider", "acme")
}

/// The token that an answer gives to the browser.
pub fn token(reply: &Reply) -> Token {
    reply.cookie(COOKIE).and_then(Token::parse).expect("a session cookie")
}

/// The attempts that an answer gives to the browser.
pub fn attempts(reply: &Reply) -> Vec<Attempt> {
    let values = reply.cookies.iter().filter_map(|cookie| cookie.split_once('=')?.1.split_once(';'));
    values.filter_map(|(value, _)| Attempt::decode(value)).collect()
}
