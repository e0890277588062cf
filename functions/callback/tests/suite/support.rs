use callback::Callback;
use jiff::Timestamp;
use notice::Notice;
use oidc::{Attempt, Receipt};
use outbox::Outbox;
use scene::{COOKIE, Fault, Provider, Reply, Request, Stores, settings};
use serde_json::Value;
use session::Token;
use std::collections::BTreeMap;
use url::Url;
use users::{Email, NewUser};

/// The function on stores of its own, with two providers: the one it is about, called `acme`, and `other`.
pub struct Scene {
    scene: scene::Scene<Callback>,
    pub provider: Provider,
    pub other: Provider,
}

/// A browser that comes back from a provider.
#[derive(Clone)]
pub struct Visit {
    pub attempt: Attempt,
    /// What the provider sent it back with.
    pub query: String,
}

scene::wraps!(Scene: Callback);

impl Scene {
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        Self::with(stores, now, &[]).await
    }

    /// With more variables.
    pub async fn with(stores: Stores, now: Timestamp, more: &[(&str, &str)]) -> Self {
        let (provider, other) = (Provider::start().await, Provider::start().await);
        provider.set_clock(now);
        other.set_clock(now);
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let variables = [environment(&provider, &other), more.collect()].concat();
        let scene = scene::Scene::with(stores, &variables, now);
        Self { scene, provider, other }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, scene::then()).await
    }

    /// On DynamoDB alone, now.
    pub async fn small() -> Self {
        Self::new(Stores::without_redis().await, scene::now()).await
    }

    /// On both stores, now.
    pub async fn whole() -> Self {
        Self::new(Stores::start().await, scene::now()).await
    }

    /// Begins a login at the provider of this name, and does what the browser does there.
    pub async fn visit_at(&self, name: &str, provider: &Provider) -> Visit {
        let ours = self.function.providers.find(name).expect("a provider");
        let redirect_uri = self.function.gate.callback_url(name);
        let begun = ours.begin(&redirect_uri, "https://app.example.com/inbox", self.now).await;
        let (url, attempt) = begun.expect("a login begins");
        let back = Url::parse(&provider.authorize(url.as_str())).expect("a callback URL");
        Visit { attempt, query: back.query().expect("a query").to_owned() }
    }

    pub async fn visit(&self) -> Visit {
        self.visit_at("acme", &self.provider).await
    }

    /// A whole login.
    pub async fn log_in(&self) -> Reply {
        self.ask(&self.visit().await.request()).await
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
        self.users().add(new, self.now).await.expect("a new user")
    }

    /// From now on letters are put into a store that fails.
    pub async fn outbox_away(&mut self) -> Stores {
        let away = Stores::without_redis().await;
        away.dynamo_proxy.break_all(None, Fault::Fail);
        self.function.outbox = Outbox::new(away.dynamo());
        self.function.notice = notice(&away);
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

/// What an answer puts into the place of a visit's attempt.
pub fn receipt(reply: &Reply, visit: &Visit) -> Option<Receipt> {
    reply.cookie(&visit.cookie_name()).and_then(Receipt::decode)
}

/// The variables of both providers.
pub fn environment(acme: &Provider, other: &Provider) -> Vec<(String, String)> {
    let both = ("OIDC_PROVIDERS".to_owned(), "acme,other".to_owned());
    [acme.environment("acme"), other.environment("other"), vec![both]].concat()
}

pub fn notice(stores: &Stores) -> Notice {
    settings(Vec::new(), |environment| Some(Notice::from_environment(environment, &Outbox::new(stores.dynamo()))))
}
