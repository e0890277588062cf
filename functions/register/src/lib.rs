//! `POST /register` asks for an account; `POST /register/verify` makes it, with the token from the mail, and signs in.
//!
//! Neither needs a session. The first never looks whether the address has an account: what is to be said about that is
//! said by mail, to whoever reads it. So its answer is the same, and takes the same time, for every address.
//!
//! A verification that made the account and then failed to begin a session answers 503. Its repeat is told that the link
//! was used, which it was: the person signs in with the password of the registration.

mod request;
mod verify;

use edge::{Answer, Call, Function, Gate, Method, Problem};
use notice::Notice;
use outbox::Outbox;
use session::Sessions;
use strength::Strength;
use throttle::Throttle;
use users::Users;

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
    /// Who begins one, and tells of it.
    pub notice: Notice,
}

impl Function for Register {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        const METHODS: &[Method] = &[Method::POST];
        call.only(METHODS)?;
        if call.path.ends_with("/register/verify") { self.verify(call).await } else { self.request(call).await }
    }
}
