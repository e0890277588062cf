//! Sessions of apps without a browser: `POST /device/login` exchanges an address and a password for a refresh token,
//! `POST /device/refresh` exchanges that for a JWT and the next refresh token, `POST /device/logout` ends the session.
//!
//! No cookie is read or written. A page of another origin is still refused.

mod login;
mod refresh;

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Call, Cause, Function, Gate, Method, Problem, Routes, User};
use entrance::Entrance;
use environment::Environment;
use notice::Notice;
use outbox::Outbox;
use serde::Serialize;
use session::{RefreshToken, Session, Sessions};
use tokens::{Minted, Subject, Tokens};

/// The operations of this function.
#[derive(Clone, Copy)]
pub enum Route {
    /// An address and a password for a refresh token.
    Login,
    /// A refresh token for the next one.
    Refresh,
    /// The end of the session.
    Logout,
}

/// The function behind the routes `/device/…`.
pub struct Device {
    /// The guards.
    pub gate: Gate,
    /// Where passwords are checked.
    pub entrance: Entrance,
    /// The sessions.
    pub sessions: Sessions,
    /// The JWTs.
    pub tokens: Tokens,
    /// Reports sign-ins from new places.
    pub notice: Notice,
}

/// The answer of RFC 6749, section 5.1.
#[derive(Serialize)]
struct Grant<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    refresh_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<User<'a>>,
}

impl Device {
    /// Checks that a JWT can be made, before anything is spent or begun for it.
    async fn ready(&self, call: &Call<'_>) -> Result<(), Problem> {
        self.tokens.prepare(call.now).await.map_err(|error| Problem::Unavailable(Cause::of(&error)))
    }

    async fn mint(&self, session: &Session, call: &Call<'_>) -> Result<Minted, Problem> {
        let minted = self.tokens.mint(&Subject::of(session), None, call.now).await;
        minted.map_err(|error| Problem::Unavailable(Cause::of(&error)))
    }
}

fn grant(minted: &Minted, refresh_token: &RefreshToken, user: Option<User<'_>>) -> Answer {
    let (access_token, expires_in) = (minted.token.expose(), minted.expires_in.as_secs());
    let refresh_token = &refresh_token.expose();
    Answer::json(&Grant { access_token, token_type: "Bearer", expires_in, refresh_token, user })
}

impl Function for Device {
    type Route = Route;

    const ROUTES: Routes<Route> = &[
        (Method::POST, "/device/login", Route::Login),
        (Method::POST, "/device/refresh", Route::Refresh),
        (Method::POST, "/device/logout", Route::Logout),
    ];

    /// A cookie that a browser sends along says nothing about the device.
    const READS_COOKIE: bool = false;

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let sessions = Sessions::from_environment(environment, &dynamo);
        let entrance = Entrance::from_environment(environment, &dynamo);
        let tokens = Tokens::from_environment(environment, &dynamo, aws);
        let outbox = Outbox::new(dynamo);
        let notice = Notice::from_environment(environment, &outbox);
        Some(Self { gate: gate?, entrance: entrance?, sessions, tokens: tokens?, notice })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn sessions(&self) -> Option<&Sessions> {
        Some(&self.sessions)
    }

    async fn handle(&self, route: Route, call: &Call<'_>) -> Result<Answer, Problem> {
        self.gate.origin(call)?;
        match route {
            Route::Login => self.login(call).await,
            Route::Refresh => self.refresh(call).await,
            Route::Logout => self.logout(call).await,
        }
    }
}
