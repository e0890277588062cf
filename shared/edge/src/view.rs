use agent::Agent;
use jiff::Timestamp;
use serde::Serialize;
use session::{Listed, Record, Session, SessionId, Token};

/// What a browser learns when it is signed in: the answer to every login and to `GET /me`.
#[derive(Serialize)]
pub struct SignedIn<'a> {
    user: User<'a>,
    session: View<'a>,
    csrf_token: String,
}

/// A user as of the sign-in that began the session.
#[derive(Serialize)]
pub struct User<'a> {
    id: &'a str,
    email: Option<&'a str>,
    email_verified: bool,
    name: Option<&'a str>,
    picture: Option<&'a str>,
    scopes: &'a [String],
}

/// One of the sessions of a user.
#[derive(Serialize)]
pub struct ListedSession<'a> {
    #[serde(flatten)]
    session: View<'a>,
    ip: Option<&'a str>,
    user_agent: Option<&'a str>,
    browser: Option<String>,
    system: Option<String>,
    device_name: Option<&'a str>,
    last_seen_at: Timestamp,
    /// Whether the request came from this session.
    current: bool,
}

/// Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct View<'a> {
    id: &'a str,
    kind: &'static str,
    auth_method: &'a str,
    created_at: Timestamp,
    expires_at: Timestamp,
    absolute_expires_at: Timestamp,
}

impl<'a> SignedIn<'a> {
    /// The view of a session for the client that presented or received its token.
    pub fn new(token: &Token, session: &'a Session) -> Self {
        Self {
            user: User::of(&session.record),
            session: View::of(&session.id, &session.record, session.expires_at),
            csrf_token: token.csrf(),
        }
    }
}

impl<'a> User<'a> {
    /// The user of a session.
    pub fn of(record: &'a Record) -> Self {
        Self {
            id: &record.user_id,
            email: record.email.as_deref(),
            email_verified: record.email_verified,
            name: record.name.as_deref(),
            picture: record.picture.as_deref(),
            scopes: &record.scopes,
        }
    }
}

impl<'a> ListedSession<'a> {
    /// The view of a listed session, which this agent began, for a caller whose own session is `current`.
    pub fn of(listed: &'a Listed, agent: Option<Agent>, current: &SessionId) -> Self {
        let (browser, system) = agent.map_or((None, None), |agent| (agent.browser, agent.system));
        Self {
            session: View::of(&listed.id, &listed.record, listed.expires_at),
            ip: listed.ip.as_deref(),
            user_agent: listed.user_agent.as_deref(),
            browser,
            system,
            device_name: listed.device_name.as_deref(),
            last_seen_at: listed.last_seen_at,
            current: listed.id == *current,
        }
    }
}

impl<'a> View<'a> {
    fn of(id: &'a SessionId, record: &'a Record, expires_at: Timestamp) -> Self {
        Self {
            id: id.as_str(),
            kind: record.kind.as_str(),
            auth_method: &record.auth_method,
            created_at: record.created_at,
            expires_at,
            absolute_expires_at: record.absolute_expires_at,
        }
    }
}
