//! `POST /logout` ends the session of the cookie; `POST /logout/all` ends every session of its user.
//!
//! Both need the CSRF token of the session. The cookie goes only when the session is known to be dead everywhere, and a repeat
//! after a lost answer is answered as the first request was.

use edge::{Answer, Audit, Call, Event, Function, Gate, Method, Problem};
use session::{Left, Sessions, Token};

/// The function behind `POST /logout` and `POST /logout/all`.
pub struct Logout {
    gate: Gate,
    sessions: Sessions,
}

impl Logout {
    /// The function on these stores.
    pub fn new(gate: Gate, sessions: Sessions) -> Self {
        Self { gate, sessions }
    }

    async fn one(&self, call: &Call, token: &Token) -> Result<Answer, Problem> {
        let ended = self.sessions.revoke(token, call.now).await?;
        // Without a session there is nothing to end, which is what was asked for.
        if let Some(Left { record, .. }) = &ended {
            let (user_id, id) = (Some(record.user_id.as_str()), token.id());
            self.gate.audit(call, Event::Logout, Audit { user_id, session_id: Some(id.as_str()), ..Audit::default() });
        }
        Ok(self.gate.signed_out(ended.as_ref()))
    }

    async fn all(&self, call: &Call, token: &Token) -> Result<Answer, Problem> {
        let ended = self.sessions.revoke_all(token, call.now).await?.ok_or(Problem::SignedOut)?;
        let (id, count) = (token.id(), ended.sessions.to_string());
        let (user_id, session_id) = (Some(ended.user_id.as_str()), Some(id.as_str()));
        let detail = Some(count.as_str());
        self.gate.audit(call, Event::LogoutAll, Audit { user_id, session_id, detail, ..Audit::default() });
        Ok(self.gate.signed_out(None))
    }
}

impl Function for Logout {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        const METHODS: &[Method] = &[Method::POST];
        call.only(METHODS)?;
        let everywhere = call.path.ends_with("/logout/all");
        match (self.gate.unsafe_call(call)?, everywhere) {
            (None, true) => Err(Problem::SignedOut),
            (None, false) => Ok(self.gate.signed_out(None)),
            (Some(token), true) => self.all(call, &token).await,
            (Some(token), false) => self.one(call, &token).await,
        }
    }
}
