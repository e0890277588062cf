//! `POST /session/token`: exchanges a session for a JWT of a few minutes, for a WebSocket or a worker that cannot reach
//! the session store.
//!
//! It needs the session cookie and its CSRF token. The session's row decides whether the session lives. When it ends,
//! no more tokens are issued; earlier ones live until they expire.

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Audit, Call, Cause, Event, Function, Gate, Method, Problem, Routes, text};
use environment::Environment;
use reason::Code;
use serde::Serialize;
use session::{Sessions, Slide};
use tokens::{Subject, Tokens};

/// The function behind `POST /session/token`.
pub struct SessionToken {
    /// The guards.
    pub gate: Gate,
    /// The sessions.
    pub sessions: Sessions,
    /// The JWTs.
    pub tokens: Tokens,
}

/// The answer of RFC 6749, section 5.1.
#[derive(Serialize)]
struct Issued<'a> {
    token: &'a str,
    token_type: &'static str,
    expires_in: u64,
}

impl Function for SessionToken {
    type Route = ();

    const ROUTES: Routes<()> = &[(Method::POST, "/session/token", ())];

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let sessions = Sessions::from_environment(environment, &dynamo);
        let tokens = Tokens::from_environment(environment, &dynamo, aws);
        Some(Self { gate: gate?, sessions, tokens: tokens? })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn sessions(&self) -> Option<&Sessions> {
        Some(&self.sessions)
    }

    async fn handle(&self, (): (), call: &Call<'_>) -> Result<Answer, Problem> {
        let token = self.gate.unsafe_call(call)?.ok_or(Problem::SignedOut)?;
        let mut body = call.optional_body()?;
        let audience = body.optional("audience", text);
        let audience = body.finish(Some(audience))?;
        // Decided from the row: a token outlives Redis's knowledge, so a lost tombstone must not let one be issued.
        let session = self.sessions.prove(&token, Slide::Yes, call.now).await?.ok_or(Problem::SignedOut)?;

        let minted = self.tokens.mint(&Subject::of(&session), audience.as_deref(), call.now).await.map_err(problem)?;

        self.gate.audit(call, Event::TokenMinted, Audit::of_session(&session).detail(audience.as_deref()));
        let renewed = self.gate.renewed(call, &token, &session);
        let issued =
            Issued { token: minted.token.expose(), token_type: "Bearer", expires_in: minted.expires_in.as_secs() };
        Ok(Answer::json(&issued).cookie(renewed))
    }
}

fn problem(error: tokens::Error) -> Problem {
    match error {
        tokens::Error::UnknownAudience => Problem::unusable("audience", Code::UnknownAudience),
        tokens::Error::Store(_) | tokens::Error::Wrap(_) | tokens::Error::Signing(_) => {
            Problem::Unavailable(Cause::of(&error))
        }
    }
}
