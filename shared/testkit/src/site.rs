use crate::{Request, Stores};
use edge::Gate;
use environment::Environment;
use jiff::Timestamp;
use session::{Client, Login, Sessions, Token};

/// Where browsers reach the API of the tests.
pub const PUBLIC_URL: &str = "https://api.example.com/auth";
/// Its front end.
pub const APP_URL: &str = "https://app.example.com/home";
/// The origin of the front end.
pub const ORIGIN: &str = "https://app.example.com";
/// The session cookie.
pub const COOKIE: &str = "__Host-session_id";

/// The variables of a deployment, as far as every function reads them.
pub fn variables() -> Vec<(String, String)> {
    let pairs = [("PUBLIC_URL", PUBLIC_URL), ("APP_URL", APP_URL), ("ALLOWED_ORIGINS", ORIGIN)];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The gate of that deployment.
pub fn gate() -> Gate {
    settings(variables(), Gate::from_environment)
}

/// What `read` makes of the variables.
///
/// # Panics
/// When they have faults.
pub fn settings<T>(variables: Vec<(String, String)>, read: impl FnOnce(&mut Environment) -> Option<T>) -> T {
    let mut environment = Environment::of(variables);
    let settings = read(&mut environment);
    environment.finish(settings).expect("usable settings")
}

/// A moment that snapshots can hold.
pub fn then() -> Timestamp {
    "2031-05-06T07:08:09.123Z".parse().expect("a moment")
}

/// A browser that is signed in.
pub struct Browser {
    /// What its cookie holds.
    pub token: Token,
}

impl Browser {
    /// Signs a user in who is stored already.
    pub async fn sign_in(stores: &Stores, sessions: &Sessions, user_id: &str, now: Timestamp) -> Self {
        let login = Login {
            account: stores.stored_account(user_id).await,
            auth_method: "password".to_owned(),
            client: Client::default(),
            presented: None,
        };
        Self { token: sessions.create(login, now).await.expect("a session").0 }
    }

    /// A request with its cookie and nothing else.
    pub fn get(&self, route: &str) -> Request {
        self.with_cookie(Request::get(route))
    }

    /// A request that nothing is wrong with: from a page of the app, with cookie and CSRF token.
    pub fn post(&self, route: &str) -> Request {
        self.with_cookie(Request::post(route)).header("x-csrf-token", &self.token.csrf())
    }

    /// A request with its cookie, too.
    pub fn with_cookie(&self, request: Request) -> Request {
        request.cookie(COOKIE, &self.token.expose())
    }
}
