//! `POST /session/token`: trades a session for a JWT of a few minutes, for a WebSocket or a worker that cannot see the
//! session store.
//!
//! Needs the session cookie and its CSRF token. Whether the session lives is decided from its row. Ending the session stops
//! the supply; a token already out lives on until it expires.

use edge::{Answer, Audit, Call, Cause, Event, Function, Gate, Method, Problem};
use serde::{Deserialize, Serialize};
use session::{Sessions, Slide};
use tokens::{Subject, Tokens};

/// The function behind `POST /session/token`.
pub struct SessionToken {
    gate: Gate,
    sessions: Sessions,
    tokens: Tokens,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    audience: Option<String>,
}

/// RFC 6749, section 5.1.
#[derive(Serialize)]
struct Issued<'a> {
    token: &'a str,
    token_type: &'static str,
    expires_in: u64,
}

impl SessionToken {
    /// The function on these stores.
    pub fn new(gate: Gate, sessions: Sessions, tokens: Tokens) -> Self {
        Self { gate, sessions, tokens }
    }
}

impl Function for SessionToken {
    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        const METHODS: &[Method] = &[Method::POST];
        call.only(METHODS)?;
        let token = self.gate.unsafe_call(call)?.ok_or(Problem::SignedOut)?;
        let asked: Asked = call.optional_json()?;
        // By the row: a token outlives what Redis says, so a tombstone that Redis has lost must not let one out.
        let session = self.sessions.prove(&token, Slide::Yes, call.now).await?.ok_or(Problem::SignedOut)?;

        let subject = Subject {
            user_id: &session.record.user_id,
            session_id: session.id.as_str(),
            client_id: session.record.kind.as_str(),
            scopes: &session.record.scopes,
            auth_time: session.record.auth_time,
            not_after: session.record.absolute_expires_at,
        };
        let minted = self.tokens.mint(&subject, asked.audience.as_deref(), call.now).await.map_err(problem)?;

        let (user_id, session_id) = (Some(subject.user_id), Some(subject.session_id));
        let detail = asked.audience.as_deref();
        self.gate.audit(call, Event::TokenMinted, Audit { user_id, session_id, detail, ..Audit::default() });
        let renewed = session.renewed.then(|| self.gate.session_cookie(&token, &session, call.now));
        let issued =
            Issued { token: minted.token.expose(), token_type: "Bearer", expires_in: minted.expires_in.as_secs() };
        Ok(Answer::json(&issued).cookie(renewed))
    }
}

fn problem(error: tokens::Error) -> Problem {
    match error {
        tokens::Error::UnknownAudience => Problem::Unusable { member: "audience", reason: "is not one of ours" },
        tokens::Error::Store(_) | tokens::Error::Wrap(_) | tokens::Error::Signing(_) => {
            Problem::Unavailable(Cause::of(&error))
        }
    }
}
