//! `GET /me[?slide=false]`: who is signed in, for a session cookie.
//!
//! The hot path: one Redis round trip while the session is warm.

use edge::{Answer, Call, Function, Gate, Method, Problem, SignedIn};
use session::{Sessions, Slide};

/// The function behind `GET /me`.
pub struct Me {
    gate: Gate,
    sessions: Sessions,
}

impl Me {
    /// The function on these stores.
    pub fn new(gate: Gate, sessions: Sessions) -> Self {
        Self { gate, sessions }
    }
}

impl Function for Me {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        const METHODS: &[Method] = &[Method::GET];
        call.only(METHODS)?;
        let slide = slide(call)?;
        let token = self.gate.token(call)?.ok_or(Problem::SignedOut)?;

        let session = self.sessions.authenticate(&token, slide, call.now).await?.ok_or(Problem::SignedOut)?;

        let renewed = session.renewed.then(|| self.gate.session_cookie(&token, &session, call.now));
        Ok(Answer::json(&SignedIn::new(&token, &session)).cookie(renewed))
    }
}

fn slide(call: &Call) -> Result<Slide, Problem> {
    match call.query("slide")? {
        None | Some("true") => Ok(Slide::Yes),
        Some("false") => Ok(Slide::No),
        Some(_) => Err(Problem::BadRequest("slide is neither true nor false.".to_owned())),
    }
}
