//! Sessions of apps without a browser: `POST /device/login` trades an address and a password for a refresh token,
//! `POST /device/refresh` trades that for a JWT and the next refresh token, `POST /device/logout` ends the session.
//!
//! No cookie is read or written. A page of another origin is turned away all the same.

mod login;
mod refresh;

use edge::{Answer, Call, Cause, Function, Gate, Method, Problem, User};
use notice::Notice;
use serde::Serialize;
use session::{RefreshToken, Session, Sessions};
use throttle::Throttle;
use tokens::{Minted, Subject, Tokens};
use users::Users;

/// The function behind the routes `/device/…`.
pub struct Device {
    /// The guards.
    pub gate: Gate,
    /// Who tried what lately.
    pub throttle: Throttle,
    /// The accounts.
    pub users: Users,
    /// The sessions.
    pub sessions: Sessions,
    /// The JWTs.
    pub tokens: Tokens,
    /// Who is told of a sign-in from a new place.
    pub notice: Notice,
}

/// RFC 6749, section 5.1.
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
    /// Nothing is spent or begun before it is known that a JWT can be made for it.
    async fn ready(&self, call: &Call) -> Result<(), Problem> {
        self.tokens.prepare(call.now).await.map_err(|error| Problem::Unavailable(Cause::of(&error)))
    }

    async fn mint(&self, session: &Session, call: &Call) -> Result<Minted, Problem> {
        let subject = Subject {
            user_id: &session.record.user_id,
            session_id: session.id.as_str(),
            client_id: session.record.kind.as_str(),
            scopes: &session.record.scopes,
            auth_time: session.record.auth_time,
            not_after: session.record.absolute_expires_at,
        };
        let minted = self.tokens.mint(&subject, None, call.now).await;
        minted.map_err(|error| Problem::Unavailable(Cause::of(&error)))
    }
}

fn grant(minted: &Minted, refresh_token: &RefreshToken, user: Option<User<'_>>) -> Answer {
    let (access_token, expires_in) = (minted.token.expose(), minted.expires_in.as_secs());
    let refresh_token = &refresh_token.expose();
    Answer::json(&Grant { access_token, token_type: "Bearer", expires_in, refresh_token, user })
}

impl Function for Device {
    /// What a browser may send along says nothing about the device.
    const READS_COOKIE: bool = false;

    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        const METHODS: &[Method] = &[Method::POST];
        call.only(METHODS)?;
        self.gate.origin(call)?;
        match call.path.rsplit('/').next() {
            Some("login") => self.login(call).await,
            Some("refresh") => self.refresh(call).await,
            Some("logout") => self.logout(call).await,
            _ => Err(Problem::NotFound),
        }
    }
}
