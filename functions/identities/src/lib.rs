//! `GET /identities` lists the ways into the account of the signed-in user; `DELETE /identities/{id}` removes one.
//!
//! Both need the session cookie; removing also needs its CSRF token and a credential that was checked in the last 15
//! minutes. The row, not the hot copy, decides who may remove, and the owner is told by mail. The account's address
//! stays, and so does the last way in. `login` begins to add one.

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Audit, Call, Event, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use outbox::{Locale, Matter, Outbox};
use serde::Serialize;
use session::{Session, Sessions, Slide, Standing, Token};
use users::{Unlinked, Users, Way};

/// The operations of this function.
#[derive(Clone, Copy)]
pub enum Route {
    /// Lists the ways in.
    List,
    /// Removes one of them.
    Remove,
}

/// The function behind `GET /identities` and `DELETE /identities/{id}`.
pub struct Identities {
    gate: Gate,
    users: Users,
    sessions: Sessions,
    outbox: Outbox,
}

#[derive(Serialize)]
struct List<'a> {
    identities: Vec<View<'a>>,
}

/// Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct View<'a> {
    id: &'a str,
    kind: &'static str,
    provider: Option<&'a str>,
    email: Option<&'a str>,
    created_at: String,
    last_used_at: Option<String>,
}

impl Identities {
    async fn list(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let token = self.gate.token(call)?.ok_or(Problem::SignedOut)?;
        let session = self.session(call, &token).await?;

        let ways = self.users.ways(&session.record.user_id).await.map_err(|error| Problem::unavailable(&error))?;

        let list = List { identities: ways.iter().map(View::of).collect() };
        Ok(Answer::json(&list).cookie(self.gate.renewed(call, &token, &session)))
    }

    async fn remove(&self, call: &Call<'_>, id: &str) -> Result<Answer, Problem> {
        let token = self.gate.unsafe_call(call)?.ok_or(Problem::SignedOut)?;
        let session = self.may_remove(call, &token).await?;

        let user_id = session.record.user_id.as_str();
        let email = self.proven(user_id).await?;
        let locale = Locale::negotiate(call.header("accept-language"));
        let letter =
            |way: &Way| email.iter().map(|to| self.outbox.item(to, locale, news(way, call), call.now)).collect();
        let unlinked = self.users.unlink(user_id, id, letter).await.map_err(|error| Problem::unavailable(&error))?;
        let way = match unlinked {
            Unlinked::Gone(way) => way,
            Unlinked::Absent => return Err(Problem::NotFound),
            Unlinked::Needed => return Err(Problem::IdentityNeeded),
        };

        let method = way.provider.map(|provider| format!("oidc:{provider}"));
        let audit = Audit::of_session(&session).method(method.as_deref()).detail(&*way.id);
        self.gate.audit(call, Event::IdentityUnlinked, audit);
        Ok(Answer::empty().cookie(self.gate.renewed(call, &token, &session)))
    }

    /// A session that is alive according to its row, and whose user signed in recently.
    async fn may_remove(&self, call: &Call<'_>, token: &Token) -> Result<Session, Problem> {
        let session = self.session(call, token).await?;
        let Standing::Live(_) = self.sessions.standing(token, call.now).await? else { return Err(Problem::SignedOut) };
        self.gate.recent(&session, call.now)?;
        Ok(session)
    }

    /// The address that the user has proven to read.
    async fn proven(&self, user_id: &str) -> Result<Option<String>, Problem> {
        let account = self.users.by_id(user_id).await.map_err(|error| Problem::unavailable(&error))?;
        Ok(account.and_then(|account| account.proven_email().map(str::to_owned)))
    }

    async fn session(&self, call: &Call<'_>, token: &Token) -> Result<Session, Problem> {
        self.sessions.authenticate(token, Slide::Yes, call.now).await?.ok_or(Problem::SignedOut)
    }
}

/// The letter to the owner about a removed way.
fn news(way: &Way, call: &Call<'_>) -> Matter {
    let provider = way.provider.clone().unwrap_or_else(|| way.kind.as_str().to_owned());
    Matter::IdentityUnlinked { provider, at: call.now }
}

impl<'a> View<'a> {
    fn of(way: &'a Way) -> Self {
        Self {
            id: &way.id,
            kind: way.kind.as_str(),
            provider: way.provider.as_deref(),
            email: way.email.as_deref(),
            created_at: way.created_at.to_string(),
            last_used_at: way.last_used_at.map(|at| at.to_string()),
        }
    }
}

impl Function for Identities {
    type Route = Route;

    const ROUTES: Routes<Route> =
        &[(Method::GET, "/identities", Route::List), (Method::DELETE, "/identities/{id}", Route::Remove)];

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let sessions = Sessions::from_environment(environment, &dynamo);
        let users = Users::from_environment(environment, &dynamo);
        let outbox = Outbox::new(dynamo);
        Some(Self { gate: gate?, users: users?, sessions, outbox })
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
            Route::Remove => self.remove(call, call.parameter("id")).await,
        }
    }
}
