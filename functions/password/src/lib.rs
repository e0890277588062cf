//! `POST /password` replaces the password of a signed-in user who knows it; `POST /password/reset` asks for a mail for
//! a person who forgot it; `POST /password/reset/confirm` sets one with the token from that mail.
//!
//! The first needs a session and its CSRF token, the others need none. A new password ends every session and every
//! device of the user, in the same transaction. After a change the user gets a new session at once; after a reset by
//! mail the user signs in.
//!
//! If an answer is lost, or is 503, the change may be partly done. The same request again finishes it. If the account
//! already has the new password, the request is a repeat; the cookie of the session that the first try ended identifies
//! the user, for ten minutes.

mod change;
mod confirm;
mod request;

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Call, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use notice::Notice;
use outbox::{Locale, Matter, Outbox};
use session::Sessions;
use strength::Strength;
use throttle::Throttle;
use users::Users;

/// The member of a body that holds the other password.
const NEW: &str = "new_password";

/// The operations of this function.
#[derive(Clone, Copy)]
pub enum Route {
    /// Another password, in exchange for the current one.
    Change,
    /// A mail to the address of an account.
    Request,
    /// Another password, in exchange for the token from that mail.
    Confirm,
}

/// The function behind `POST /password`, `POST /password/reset` and `POST /password/reset/confirm`.
pub struct Password {
    /// The guards.
    pub gate: Gate,
    /// Counts the tries.
    pub throttle: Throttle,
    /// Judges the new passwords.
    pub strength: Strength,
    /// Takes the mails.
    pub outbox: Outbox,
    /// The accounts.
    pub users: Users,
    /// The sessions.
    pub sessions: Sessions,
    /// Begins sessions, and reports those from new places.
    pub notice: Notice,
}

impl Function for Password {
    type Route = Route;

    const ROUTES: Routes<Route> = &[
        (Method::POST, "/password", Route::Change),
        (Method::POST, "/password/reset", Route::Request),
        (Method::POST, "/password/reset/confirm", Route::Confirm),
    ];

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let strength = Strength::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let sessions = Sessions::from_environment(environment, &dynamo);
        let users = Users::from_environment(environment, &dynamo);
        let throttle = Throttle::new(dynamo.clone());
        let outbox = Outbox::new(dynamo);
        let notice = Notice::from_environment(environment, &outbox);
        Some(Self { gate: gate?, throttle, strength: strength?, outbox, users: users?, sessions, notice })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn sessions(&self) -> Option<&Sessions> {
        Some(&self.sessions)
    }

    async fn handle(&self, route: Route, call: &Call<'_>) -> Result<Answer, Problem> {
        match route {
            Route::Change => self.change(call).await,
            Route::Request => self.request(call).await,
            Route::Confirm => self.confirm(call).await,
        }
    }
}

impl Password {
    async fn judge(&self, new: &users::Password, own_words: &[&str]) -> Result<(), Problem> {
        let judged = self.strength.judge(new, own_words).await;
        judged.map_err(|weakness| Problem::unusable(NEW, weakness))
    }

    /// The letter is durable before the answer goes out: otherwise the request fails, and its repeat writes the letter.
    async fn write_to(&self, call: &Call<'_>, email: &str, matter: Matter) -> Result<(), Problem> {
        let put = self.outbox.put(email, locale(call), matter, call.now).await;
        put.map_err(|error| Problem::unavailable(&error))
    }
}

fn locale(call: &Call<'_>) -> Locale {
    Locale::negotiate(call.header("accept-language"))
}

/// The letter to the owner of an address; it is written in the transaction that sets the password.
fn password_changed(call: &Call<'_>) -> Matter {
    Matter::PasswordChanged { at: call.now }
}

/// Whether the password has changed despite the error: only Redis does not yet know that the sessions ended.
fn is_committed(error: &users::Error) -> bool {
    matches!(error, users::Error::Session(session::Error::Unfinished(_)))
}

/// The problem for an error that is not a refusal.
fn unfinished(error: users::Error) -> Problem {
    match error {
        users::Error::Session(error) => error.into(),
        error => Problem::unavailable(&error),
    }
}
