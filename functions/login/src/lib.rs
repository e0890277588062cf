//! `POST /login` signs in with an address and a password; `GET /login/{provider}` sends the browser to an OpenID
//! provider, from where it comes back to the function `callback`. `POST /login/{provider}` begins the same way there,
//! for a user who is signed in and wants to come in by that provider too.
//!
//! Only the last needs a session, one that began lately, and its CSRF token. A browser that signs in while it has a live
//! session shows its CSRF token too, and loses it for the new one. Passwords are throttled by account, by address and by
//! both; the user hears by mail of a sign-in from a new place.

mod password;
mod provider;

use edge::{Answer, Call, Function, Gate, Method, Problem, ReturnTo};
use notice::Notice;
use oidc::Providers;
use session::Sessions;
use std::time::Duration;
use throttle::Throttle;
use users::Users;

/// The function behind `POST /login`, `GET /login/{provider}` and `POST /login/{provider}`.
pub struct Login {
    /// The guards.
    pub gate: Gate,
    /// Where a login may end.
    pub return_to: ReturnTo,
    /// The OpenID providers.
    pub providers: Providers,
    /// The accounts.
    pub users: Users,
    /// The sessions.
    pub sessions: Sessions,
    /// The counters of tries.
    pub throttle: Throttle,
    /// Who is told of a sign-in from a new place.
    pub notice: Notice,
}

impl Function for Login {
    const SHOWS_PAGES: bool = true;

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn deadline(&self, call: &Call) -> Duration {
        if call.parameter("provider").is_some() { oidc::DEADLINE } else { edge::DEADLINE }
    }

    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        const PASSWORD: &[Method] = &[Method::POST];
        const PROVIDER: &[Method] = &[Method::GET, Method::POST];
        match call.parameter("provider") {
            None => {
                call.only(PASSWORD)?;
                self.with_password(call).await
            }
            Some(provider) => {
                call.only(PROVIDER)?;
                match call.method {
                    Method::POST => self.link_provider(call, provider).await,
                    _ => self.with_provider(call, provider).await,
                }
            }
        }
    }
}
