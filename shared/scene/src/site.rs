use crate::{Request, Stores, settings, variables};
use edge::Gate;
use jiff::Timestamp;
use session::{Sessions, Token};

/// The session cookie.
pub const COOKIE: &str = "__Host-session_id";

/// The gate of that deployment.
pub fn gate() -> Gate {
    settings(variables(), Gate::from_environment)
}

/// A browser that is signed in.
pub struct Browser {
    /// The token in its cookie.
    pub token: Token,
}

impl Browser {
    /// Signs in a user who is already stored.
    pub async fn sign_in(stores: &Stores, sessions: &Sessions, user_id: &str, now: Timestamp) -> Self {
        Self { token: stores.sign_in(sessions, user_id, now).await }
    }

    /// A request with its cookie and nothing else.
    pub fn get(&self, route: &str) -> Request {
        self.with_cookie(Request::get(route))
    }

    /// A correct request: from a page of the app, with cookie and CSRF token.
    pub fn post(&self, route: &str) -> Request {
        self.with_cookie(Request::post(route)).header("x-csrf-token", &self.token.csrf())
    }

    /// A request with its cookie added.
    pub fn with_cookie(&self, request: Request) -> Request {
        request.cookie(COOKIE, &self.token.expose())
    }
}
