//! `POST /login` signs in with an address and a password; `GET /login/{provider}` sends the browser to an OpenID
//! provider, from where it comes back to the function `callback`.
//!
//! Neither needs a session. A browser that has a live one shows its CSRF token too, and loses it for the new one.

mod password;
mod provider;

use edge::{Answer, Call, Function, Gate, Method, Problem, ReturnTo};
use oidc::Providers;
use session::Sessions;
use users::Users;

/// The function behind `POST /login` and `GET /login/{provider}`.
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
}

impl Function for Login {
    const SHOWS_PAGES: bool = true;

    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        const PASSWORD: &[Method] = &[Method::POST];
        const PROVIDER: &[Method] = &[Method::GET];
        match call.parameter("provider") {
            None => {
                call.only(PASSWORD)?;
                self.with_password(call).await
            }
            Some(provider) => {
                call.only(PROVIDER)?;
                self.with_provider(call, provider).await
            }
        }
    }
}
