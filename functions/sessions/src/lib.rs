//! `GET /sessions` lists where a user is signed in; `DELETE /sessions/{id}` ends one of those sessions and
//! `DELETE /sessions` all but the one that asks.
//!
//! All need a session; ending also needs its CSRF token, and a credential that was checked in the last 15 minutes. The
//! rows, not the hot copy, decide who may end what.

use agent::Agent;
use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Audit, Call, Event, Function, Gate, ListedSession, Method, Problem, Routes};
use environment::Environment;
use serde::Serialize;
use session::{Listed, Session, SessionId, Sessions, Slide, Standing, Token, Why};

/// The operations of this function.
#[derive(Clone, Copy)]
pub enum Route {
    /// Lists where the user is signed in.
    List,
    /// Ends all sessions but the one that asks.
    EndOthers,
    /// Ends one session.
    EndOne,
}

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
    async fn list(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let token = self.gate.token(call)?.ok_or(Problem::SignedOut)?;
        let session = self.sessions.authenticate(&token, Slide::Yes, call.now).await?.ok_or(Problem::SignedOut)?;

        let listed = self.sessions.list(&session.record.user_id, call.now).await?;

        let renewed = self.gate.renewed(call, &token, &session);
        let sessions = listed.iter().map(|listed| view(listed, &session.id)).collect();
        Ok(Answer::json(&List { sessions }).cookie(renewed))
    }

    async fn end_one(&self, call: &Call<'_>, id: &str) -> Result<Answer, Problem> {
        let token = self.gate.unsafe_call(call)?.ok_or(Problem::SignedOut)?;
        let id = SessionId::parse(id).ok_or(Problem::NotFound)?;
        if id == token.id() {
            return self.end_own(call, &token).await;
        }
        let session = self.may_end(call, &token).await?;
        let user_id = &session.record.user_id;

        self.sessions.end_one(user_id, &id, Why::Ended, call.now).await?.ok_or(Problem::NotFound)?;

        self.gate.audit(call, Event::SessionEnded, Audit::of(&**user_id).session(&id).detail(session.id.as_str()));
        Ok(Answer::empty())
    }

    /// This is a sign-out by another name: it needs no recent sign-in, and a repeat finishes it.
    async fn end_own(&self, call: &Call<'_>, token: &Token) -> Result<Answer, Problem> {
        let ended = self.sessions.revoke(token, call.now).await?.ok_or(Problem::SignedOut)?;
        self.gate.audit(call, Event::Logout, Audit::of(&*ended.record.user_id).session(&token.id()));
        Ok(self.gate.signed_out(Some(&ended)))
    }

    async fn end_others(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let token = self.gate.unsafe_call(call)?.ok_or(Problem::SignedOut)?;
        let session = self.may_end(call, &token).await?;
        let user_id = &session.record.user_id;

        let ended = self.sessions.end_others(user_id, &session.id, call.now).await?.to_string();

        self.gate.audit(call, Event::SessionEnded, Audit::of_session(&session).reason("others").detail(&*ended));
        Ok(Answer::empty())
    }

    /// A session that is alive according to its row, and whose user signed in recently.
    async fn may_end(&self, call: &Call<'_>, token: &Token) -> Result<Session, Problem> {
        let Standing::Live(session) = self.sessions.standing(token, call.now).await? else {
            return Err(Problem::SignedOut);
        };
        self.gate.recent(&session, call.now)?;
        Ok(*session)
    }
}

fn view<'a>(listed: &'a Listed, current: &SessionId) -> ListedSession<'a> {
    let agent = listed.user_agent.as_deref().and_then(Agent::of);
    ListedSession::of(listed, agent, current)
}

impl Function for Listing {
    type Route = Route;

    const ROUTES: Routes<Route> = &[
        (Method::GET, "/sessions", Route::List),
        (Method::DELETE, "/sessions", Route::EndOthers),
        (Method::DELETE, "/sessions/{id}", Route::EndOne),
    ];

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
        match route {
            Route::List => self.list(call).await,
            Route::EndOthers => self.end_others(call).await,
            Route::EndOne => self.end_one(call, call.parameter("id")).await,
        }
    }
}
