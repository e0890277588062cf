//! `POST /register` asks for an account; `POST /register/verify` makes it, with the token from the mail, and signs in.
//!
//! The account's password is given by the reader of the mail: by another browser with the token, by the browser that
//! asked at that time already. So the first to open a link is the one who knows the password, whichever browser asked
//! for the account.
//!
//! Neither needs a session. The first never looks whether the address has an account: what is to be said about that is
//! said by mail, to whoever reads it. So its answer is the same, and takes the same time, for every address.
//!
//! A verification that made the account and then failed to begin a session answers 503. Its repeat is told that the
//! link was used, which it was: the person signs in with the password of the registration.

mod request;
mod verify;

use edge::{Answer, Call, Function, Gate, Method, Problem};
use notice::Notice;
use outbox::Outbox;
use session::Sessions;
use strength::Strength;
use throttle::Throttle;
use users::{Password, Users};

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

impl Register {
    async fn judge(&self, password: &Password, own_words: &[&str]) -> Result<(), Problem> {
        let judged = self.strength.judge(password, own_words).await;
        judged.map_err(|weakness| Problem::Unusable { member: "password", reason: weakness.reason() })
    }
}

fn parse_password(text: &str) -> Result<Password, Problem> {
    Password::parse(text).map_err(|reason| Problem::Unusable { member: "password", reason })
}
