//! `POST /logout` ends the session of the cookie; `POST /logout/all` ends every session of its user.
//!
//! Both need the CSRF token of the session. The cookie is removed only when the session is known to be dead everywhere.
//! If an answer is lost, the repeat gets the same answer as the first request.

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Audit, Call, Event, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use session::{Left, Sessions, Token};

/// The operations of this function.
#[derive(Clone, Copy)]
pub enum Route {
    /// Ends the session that asks.
    One,
    /// Ends every session of its user.
    All,
}

/// The function behind `POST /logout` and `POST /logout/all`.
pub struct Logout {
    gate: Gate,
    sessions: Sessions,
}

impl Logout {
    async fn one(&self, call: &Call<'_>, token: &Token) -> Result<Answer, Problem> {
        let ended = self.sessions.revoke(token, call.now).await?;
        // Without a session there is nothing to end, so the request has its result.
        if let Some(Left { record, .. }) = &ended {
            self.gate.audit(call, Event::Logout, Audit::of(&*record.user_id).session(&token.id()));
        }
        Ok(self.gate.signed_out(ended.as_ref()))
    }

    async fn all(&self, call: &Call<'_>, token: &Token) -> Result<Answer, Problem> {
        let ended = self.sessions.revoke_all(token, call.now).await?.ok_or(Problem::SignedOut)?;
        let (id, count) = (token.id(), ended.sessions.to_string());
        self.gate.audit(call, Event::LogoutAll, Audit::of(&*ended.user_id).session(&id).detail(&*count));
        Ok(self.gate.signed_out(None))
    }
}

impl Function for Logout {
    type Route = Route;

    const ROUTES: Routes<Route> = &[(Method::POST, "/logout", Route::One), (Method::POST, "/logout/all", Route::All)];

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let sessions = Sessions::from_environment(environment, &dynamo);
        Some(Self { gate: gate?, sessions })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn sessions(&self) -> Option<&Sessions> {
        Some(&self.sessions)
    }

    async fn handle(&self, route: Route, call: &Call<'_>) -> Result<Answer, Problem> {
        match (route, self.gate.unsafe_call(call)?) {
            (Route::One, None) => Ok(self.gate.signed_out(None)),
            (Route::One, Some(token)) => self.one(call, &token).await,
            (Route::All, None) => Err(Problem::SignedOut),
            (Route::All, Some(token)) => self.all(call, &token).await,
        }
    }
}
