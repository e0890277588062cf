use jiff::{SignedDuration, Timestamp};
use oidc::{Attempt, Callback, Claims, Endpoint, Error, Fault, Flaw, Refusal};
use std::{fmt::Write, time::Duration};
use testkit::{Answer, Lie, Provider};
use url::Url;

/// A provider, and us as its client, at one moment.
pub struct Login {
    pub provider: Provider,
    providers: oidc::Providers,
    pub now: Timestamp,
}

impl Login {
    pub async fn new() -> Self {
        let provider = Provider::start().await;
        let now = Timestamp::now();
        provider.set_clock(now);
        let providers = providers(provider.environment("acme"));
        Self { provider, providers, now }
    }

    /// With a provider that lies from the start.
    pub async fn with(lies: impl IntoIterator<Item = Lie>) -> Self {
        let login = Self::new().await;
        for lie in lies {
            login.provider.lie(lie);
        }
        login
    }

    /// Lets time pass, for us and for the provider.
    pub fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        self.provider.set_clock(self.now);
    }

    /// Gives the calls of a login only as much time as tests can wait, instead of the production limit.
    pub fn hurry(&mut self) {
        self.within(Duration::from_millis(500));
    }

    /// Sets the time limit for all calls of a login.
    pub fn within(&mut self, limit: Duration) {
        self.providers = providers(self.provider.environment("acme")).within(limit);
    }

    /// Ends all lies, and lets so much time pass that nothing is cached any more.
    pub fn forget(&mut self) {
        self.provider.repent();
        self.pass(3600);
    }

    /// Forgets what was cached, like another instance of a function.
    pub fn restart(&mut self) {
        self.providers = providers(self.provider.environment("acme"));
    }

    pub fn ours(&self) -> &oidc::Provider {
        self.providers.find("acme").expect("the provider")
    }

    pub async fn begin(&self) -> Result<(Url, Attempt), Error> {
        self.ours().begin(&redirect_uri(), "/welcome", self.now).await
    }

    /// Begins a login, and does what the browser does at the provider.
    pub async fn visit(&self) -> (Attempt, Callback) {
        let (url, attempt) = self.begin().await.expect("a login begins");
        (attempt, callback(&self.provider.authorize(url.as_str())))
    }

    pub async fn finish(&self, attempt: &Attempt, callback: &Callback) -> Result<Claims, Error> {
        self.ours().finish(attempt, callback, &redirect_uri(), self.now).await
    }

    /// A whole login.
    pub async fn run(&self) -> Result<Claims, Error> {
        let (attempt, callback) = self.visit().await;
        self.finish(&attempt, &callback).await
    }

    /// The rule that the ID token breaks.
    pub async fn flaw(&self) -> Flaw {
        match self.run().await {
            Err(Error::Refused(Refusal::IdToken(flaw))) => flaw,
            other => panic!("no flaw: {other:?}"),
        }
    }

    /// The fault of the endpoint that fails.
    pub async fn fault(&self) -> (Endpoint, Fault) {
        let done = match self.begin().await {
            Err(error) => Err(error),
            Ok(_) => self.run().await,
        };
        match done {
            Err(Error::Failed { endpoint, source }) => (endpoint, source),
            other => panic!("no fault: {other:?}"),
        }
    }
}

/// A misbehaviour, and how to recognise its fault.
pub type Case = (Answer, fn(&Fault) -> bool);

pub fn providers(variables: Vec<(String, String)>) -> oidc::Providers {
    let mut environment = environment::Environment::of(variables);
    let providers = oidc::Providers::from_environment(&mut environment);
    environment.finish(Some(providers)).expect("usable settings")
}

pub fn redirect_uri() -> Url {
    Url::parse("https://app.example.com/auth/callback/acme").expect("a URL")
}

pub fn callback(url: &str) -> Callback {
    let url = Url::parse(url).expect("a callback URL");
    let get = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    Callback { code: get("code"), state: get("state").unwrap_or_default(), iss: get("iss"), error: get("error") }
}

/// Everything that an error can print.
pub fn everything(error: &Error) -> String {
    let mut text = format!("{error:?} {error:#?}");
    let links = std::iter::successors(Some(error as &dyn std::error::Error), |link| link.source());
    links.for_each(|link| write!(text, " {link} {link:?}").expect("text grows"));
    text
}
