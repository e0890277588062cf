//! `POST /register` asks for an account; `POST /register/verify` makes it, with the token from the mail, and signs in.
//!
//! The reader of the mail sets the password: in the browser that asked it is already given, in any other it comes with
//! the token. So the first person to open a link is the one who knows the password, whichever browser asked for the
//! account.
//!
//! Neither needs a session. The first never checks whether the address has an account: only the reader of the mail
//! learns that. So its answer is the same, and takes the same time, for every address.
//!
//! If a verification makes the account but then fails to begin a session, it answers 503. Its repeat says that the link
//! was used, which is true: the person signs in with the password of the registration.

mod request;
mod verify;

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Call, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use notice::Notice;
use outbox::Outbox;
use session::Sessions;
use strength::Strength;
use throttle::Throttle;
use users::{Password, Users};

/// The member of a body that holds the password.
const PASSWORD: &str = "password";

/// The operations of this function.
#[derive(Clone, Copy)]
pub enum Route {
    /// A mail to the address of a new account.
    Request,
    /// The account, in exchange for the token from that mail.
    Verify,
}

/// The function behind `POST /register` and `POST /register/verify`.
pub struct Register {
    /// The guards.
    pub gate: Gate,
    /// Counts the tries.
    pub throttle: Throttle,
    /// Judges the passwords.
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

impl Function for Register {
    type Route = Route;

    const ROUTES: Routes<Route> =
        &[(Method::POST, "/register", Route::Request), (Method::POST, "/register/verify", Route::Verify)];

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
            Route::Request => self.request(call).await,
            Route::Verify => self.verify(call).await,
        }
    }
}

impl Register {
    async fn judge(&self, password: &Password, own_words: &[&str]) -> Result<(), Problem> {
        let judged = self.strength.judge(password, own_words).await;
        judged.map_err(|weakness| Problem::unusable(PASSWORD, weakness))
    }
}
