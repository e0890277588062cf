//! `GET /identities` lists the ways into the account of who is signed in; `DELETE /identities/{id}` takes one away.
//!
//! Both need the session cookie; taking away also its CSRF token and a credential that was checked in the last 15 minutes.
//! Who may take away is decided from the row, not from the hot copy, and the owner hears of it by mail. The account's
//! address stays, and so does the last way in. `login` begins to add one.

use edge::{Answer, Audit, Call, Event, Function, Gate, Method, Problem, SessionCookie};
use outbox::{Locale, Matter, Outbox};
use serde::Serialize;
use session::{Session, Sessions, Slide, Standing, Token};
use users::{Unlinked, Users, Way};

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
    /// The function on these stores.
    pub fn new(gate: Gate, users: Users, sessions: Sessions, outbox: Outbox) -> Self {
        Self { gate, users, sessions, outbox }
    }

    async fn list(&self, call: &Call) -> Result<Answer, Problem> {
        let token = self.gate.token(call)?.ok_or(Problem::SignedOut)?;
        let session = self.session(call, &token).await?;

        let ways = self.users.ways(&session.record.user_id).await.map_err(|error| Problem::unavailable(&error))?;

        let list = List { identities: ways.iter().map(View::of).collect() };
        Ok(Answer::json(&list).cookie(self.renewed(call, &token, &session)))
    }

    async fn remove(&self, call: &Call, id: &str) -> Result<Answer, Problem> {
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
        let audit = Audit {
            user_id: Some(user_id),
            session_id: Some(session.id.as_str()),
            auth_method: method.as_deref(),
            detail: Some(&way.id),
            ..Audit::default()
        };
        self.gate.audit(call, Event::IdentityUnlinked, audit);
        Ok(Answer::empty().cookie(self.renewed(call, &token, &session)))
    }

    /// A session that its row says is alive, and whose user was here a moment ago.
    async fn may_remove(&self, call: &Call, token: &Token) -> Result<Session, Problem> {
        let session = self.session(call, token).await?;
        let Standing::Live(_) = self.sessions.standing(token, call.now).await? else { return Err(Problem::SignedOut) };
        self.gate.recent(&session, call.now)?;
        Ok(session)
    }

    /// The address that the user has proven to read.
    async fn proven(&self, user_id: &str) -> Result<Option<String>, Problem> {
        let account = self.users.by_id(user_id).await.map_err(|error| Problem::unavailable(&error))?;
        Ok(account.filter(|account| account.email_verified).and_then(|account| account.email))
    }

    async fn session(&self, call: &Call, token: &Token) -> Result<Session, Problem> {
        self.sessions.authenticate(token, Slide::Yes, call.now).await?.ok_or(Problem::SignedOut)
    }

    fn renewed(&self, call: &Call, token: &Token, session: &Session) -> Option<SessionCookie> {
        session.renewed.then(|| self.gate.session_cookie(token, session, call.now))
    }
}

/// What the owner hears of a way that was taken away.
fn news(way: &Way, call: &Call) -> Matter {
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
    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, call: &Call) -> Result<Answer, Problem> {
        const LIST: &[Method] = &[Method::GET];
        const ONE: &[Method] = &[Method::DELETE];
        match call.parameter("id") {
            None => {
                call.only(LIST)?;
                self.list(call).await
            }
            Some(id) => {
                call.only(ONE)?;
                self.remove(call, id).await
            }
        }
    }
}
