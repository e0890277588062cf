//! `GET /sessions` lists where a user is signed in; `DELETE /sessions/{id}` ends one of those sessions and
//! `DELETE /sessions` all but the one that asks.
//!
//! All need a session; ending needs its CSRF token too, and a credential that was checked in the last 15 minutes. Who may
//! end what is decided from the rows, not from the hot copy.

use edge::{Answer, Audit, Call, Event, Function, Gate, ListedSession, Method, Problem};
use serde::Serialize;
use session::{Session, SessionId, Sessions, Slide, Standing, Token, Why};

/// The function behind the routes `/sessions`.
pub struct Listing {
    gate: Gate,
    sessions: Sessions,
}

#[derive(Serialize)]
struct List<'a> {
    sessions: Vec<ListedSession<'a>>,
}

impl Listing {
    /// The function on these stores.
    pub fn new(gate: Gate, sessions: Sessions) -> Self {
        Self { gate, sessions }
    }

    async fn list(&self, call: &Call) -> Result<Answer, Problem> {
        let token = self.gate.token(call)?.ok_or(Problem::SignedOut)?;
        let session = self.sessions.authenticate(&token, Slide::Yes, call.now).await?.ok_or(Problem::SignedOut)?;

        let listed = self.sessions.list(&session.record.user_id, call.now).await?;

        let renewed = session.renewed.then(|| self.gate.session_cookie(&token, &session, call.now));
        let sessions = listed.iter().map(|listed| ListedSession::of(listed, &session.id)).collect();
        Ok(Answer::json(&List { sessions }).cookie(renewed))
    }

    async fn end_one(&self, call: &Call, id: &str) -> Result<Answer, Problem> {
        let token = self.gate.unsafe_call(call)?.ok_or(Problem::SignedOut)?;
        let id = SessionId::parse(id).ok_or(Problem::NotFound)?;
        if id == token.id() {
            return self.end_own(call, &token).await;
        }
        let session = self.may_end(call, &token).await?;
        let user_id = &session.record.user_id;

        self.sessions.end_one(user_id, &id, Why::Ended, call.now).await?.ok_or(Problem::NotFound)?;

        let (session_id, detail) = (Some(id.as_str()), Some(session.id.as_str()));
        let audit = Audit { user_id: Some(user_id), session_id, detail, ..Audit::default() };
        self.gate.audit(call, Event::SessionEnded, audit);
        Ok(Answer::empty())
    }

    /// Signing out under another name: it needs no recent sign-in, and a repeat finishes it.
    async fn end_own(&self, call: &Call, token: &Token) -> Result<Answer, Problem> {
        let ended = self.sessions.revoke(token, call.now).await?.ok_or(Problem::SignedOut)?;
        let (user_id, id) = (Some(ended.record.user_id.as_str()), token.id());
        self.gate.audit(call, Event::Logout, Audit { user_id, session_id: Some(id.as_str()), ..Audit::default() });
        Ok(self.gate.signed_out(Some(&ended)))
    }

    async fn end_others(&self, call: &Call) -> Result<Answer, Problem> {
        let token = self.gate.unsafe_call(call)?.ok_or(Problem::SignedOut)?;
        let session = self.may_end(call, &token).await?;
        let user_id = &session.record.user_id;

        let ended = self.sessions.end_others(user_id, &session.id, call.now).await?.to_string();

        let (session_id, reason, detail) = (Some(session.id.as_str()), Some("others"), Some(ended.as_str()));
        let audit = Audit { user_id: Some(user_id), session_id, reason, detail, ..Audit::default() };
        self.gate.audit(call, Event::SessionEnded, audit);
        Ok(Answer::empty())
    }

    /// A session that its row says is alive, and whose user was here a moment ago.
    async fn may_end(&self, call: &Call, token: &Token) -> Result<Session, Problem> {
        let Standing::Live(session) = self.sessions.standing(token, call.now).await? else {
            return Err(Problem::SignedOut);
        };
        self.gate.recent(&session, call.now)?;
        Ok(*session)
    }
}

impl Function for Listing {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        const ALL: &[Method] = &[Method::GET, Method::DELETE];
        const ONE: &[Method] = &[Method::DELETE];
        match call.parameter("id") {
            Some(id) => {
                call.only(ONE)?;
                self.end_one(call, id).await
            }
            None => {
                call.only(ALL)?;
                if call.method == Method::GET { self.list(call).await } else { self.end_others(call).await }
            }
        }
    }
}
