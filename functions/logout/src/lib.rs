//! `POST /logout` ends the session of the cookie; `POST /logout/all` ends every session of its user.
//!
//! Both need the CSRF token of the session. The cookie goes only when the session is known to be dead everywhere.

use edge::{Answer, Audit, Call, Event, Function, Gate, Method, Problem};
use session::{Sessions, Token};

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

    async fn one(&self, call: &Call, token: &Token) -> Result<(), Problem> {
        // Without a session there is nothing to end, which is what was asked for.
        let Some(ended) = self.sessions.revoke(token, call.now).await? else { return Ok(()) };
        let (user_id, id) = (Some(ended.user_id.as_str()), token.id());
        self.gate.audit(call, Event::Logout, Audit { user_id, session_id: Some(id.as_str()), ..Audit::default() });
        Ok(())
    }

    async fn all(&self, call: &Call, token: &Token) -> Result<(), Problem> {
        let ended = self.sessions.revoke_all(token, call.now).await?.ok_or(Problem::SignedOut)?;
        let (id, count) = (token.id(), ended.sessions.to_string());
        let (user_id, session_id) = (Some(ended.user_id.as_str()), Some(id.as_str()));
        let detail = Some(count.as_str());
        self.gate.audit(call, Event::LogoutAll, Audit { user_id, session_id, detail, ..Audit::default() });
        Ok(())
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
            (None, true) => return Err(Problem::SignedOut),
            (None, false) => {}
            (Some(token), true) => self.all(call, &token).await?,
            (Some(token), false) => self.one(call, &token).await?,
        }
        let cleared = Answer::empty().cookie(self.gate.clear_session_cookie());
        Ok(cleared.header("clear-site-data", r#""cache", "storage""#))
    }
}
