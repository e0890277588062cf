use callback::Callback;
use edge::ReturnTo;
use jiff::Timestamp;
use notice::Notice;
use oidc::{Attempt, Providers};
use outbox::Outbox;
use serde_json::Value;
use session::{Policy, Sessions, Token};
use std::collections::BTreeMap;
use testkit::{COOKIE, Fault, Provider, Reply, Request, Stores, gate, settings, variables};
use throttle::Throttle;
use url::Url;
use users::{Email, NewUser, Passwords, Users};

/// The function on stores of its own, with two providers: the one it is about, called `acme`, and `other`.
pub struct Scene {
    pub stores: Stores,
    pub provider: Provider,
    pub other: Provider,
    pub callback: Callback,
    pub now: Timestamp,
}

/// A browser that comes back from a provider.
#[derive(Clone)]
pub struct Visit {
    pub attempt: Attempt,
    /// What the provider sent it back with.
    pub query: String,
}

impl Scene {
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        let (provider, other) = (Provider::start().await, Provider::start().await);
        provider.set_clock(now);
        other.set_clock(now);
        let callback = Callback {
            gate: gate(),
            throttle: Throttle::new(stores.dynamo()),
            return_to: settings(variables(), ReturnTo::from_environment),
            providers: providers(&provider, &other),
            users: users(&stores),
            sessions: stores.sessions(Policy::default()),
            notice: notice(&stores),
            outbox: Outbox::new(stores.dynamo()),
        };
        Self { stores, provider, other, callback, now }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, testkit::then()).await
    }

    /// On DynamoDB alone, now.
    pub async fn small() -> Self {
        Self::new(Stores::without_redis().await, testkit::now()).await
    }

    /// On both stores, now.
    pub async fn whole() -> Self {
        Self::new(Stores::start().await, testkit::now()).await
    }

    /// Begins a login at the provider of this name, and does what the browser does there.
    pub async fn visit_at(&self, name: &str, provider: &Provider) -> Visit {
        let ours = self.callback.providers.find(name).expect("a provider");
        let redirect_uri = self.callback.gate.callback_url(name);
        let begun = ours.begin(&redirect_uri, "https://app.example.com/inbox", self.now).await;
        let (url, attempt) = begun.expect("a login begins");
        let back = Url::parse(&provider.authorize(url.as_str())).expect("a callback URL");
        Visit { attempt, query: back.query().expect("a query").to_owned() }
    }

    pub async fn visit(&self) -> Visit {
        self.visit_at("acme", &self.provider).await
    }

    pub async fn ask(&self, request: &Request) -> Reply {
        request.send(&self.callback, self.now).await
    }

    /// A whole login.
    pub async fn log_in(&self) -> Reply {
        self.ask(&self.visit().await.request()).await
    }

    pub fn sessions(&self) -> Sessions {
        self.stores.sessions(Policy::default())
    }

    /// Who is signed in with the cookie of an answer.
    pub async fn user_of(&self, reply: &Reply) -> String {
        let session = self.sessions().authenticate(&token(reply), session::Slide::No, self.now).await;
        session.expect("stores").expect("a session").record.user_id
    }

    /// Somebody with a password whose address is proven.
    pub async fn add(&self, email: &str) -> String {
        let email = Email::parse(email).expect("an address");
        let new = NewUser { email, password: None, name: None };
        self.callback.users.add(new, self.now).await.expect("a new user")
    }

    /// From now on letters are put into a store that fails.
    pub async fn outbox_away(&mut self) -> Stores {
        let away = Stores::without_redis().await;
        away.dynamo_proxy.break_all(None, Fault::Fail);
        self.callback.outbox = Outbox::new(away.dynamo());
        self.callback.notice = notice(&away);
        away
    }

    /// What is stored, without what is counted of refusals.
    pub async fn kept(&self) -> BTreeMap<String, Value> {
        let mut contents = self.stores.contents().await;
        contents.remove("test-throttle");
        contents
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> usize {
        self.stores.contents().await[&format!("test-{table}")].as_array().map_or(0, Vec::len)
    }
}

impl Visit {
    pub fn cookie_name(&self) -> String {
        Attempt::cookie_name(&self.attempt.state)
    }

    /// The request that the browser makes of it, with the attempt's cookie.
    pub fn request(&self) -> Request {
        self.without_cookie().cookie(&self.cookie_name(), &self.attempt.encode())
    }

    /// The same from another browser.
    pub fn without_cookie(&self) -> Request {
        route().query(&self.query)
    }

    /// With another query.
    pub fn with(&self, query: impl Into<String>) -> Self {
        Self { query: query.into(), ..self.clone() }
    }

    /// Without one parameter of the query.
    pub fn without(&self, name: &str) -> Self {
        let keep = |pair: &&str| pair.split('=').next() != Some(name);
        self.with(self.query.split('&').filter(keep).collect::<Vec<_>>().join("&"))
    }
}

pub fn route() -> Request {
    Request::get("/callback/{provider}").parameter("provider", "acme")
}

pub fn token(reply: &Reply) -> Token {
    reply.cookie(COOKIE).and_then(Token::parse).unwrap_or_else(|| panic!("a session cookie: {reply:?}"))
}

pub fn providers(acme: &Provider, other: &Provider) -> Providers {
    let both = ("OIDC_PROVIDERS".to_owned(), "acme,other".to_owned());
    let variables = [acme.environment("acme"), other.environment("other"), vec![both]].concat();
    settings(variables, |environment| Some(Providers::from_environment(environment)))
}

pub fn notice(stores: &Stores) -> Notice {
    let settings = settings(Vec::new(), |environment| Some(notice::Settings::from_environment(environment)));
    Notice::new(settings, Outbox::new(stores.dynamo()))
}

pub fn users(stores: &Stores) -> Users {
    let cheap = [("ARGON2_MEMORY_KIB", "8"), ("ARGON2_TIME_COST", "1")];
    let variables = cheap.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Users::new(stores.dynamo(), settings(variables.into(), Passwords::from_environment))
}
