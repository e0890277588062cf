use jiff::Timestamp;
use serde::Serialize;
use session::{Record, Session};

/// The user and session that a token speaks for.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The user: `sub`.
    pub user_id: &'a str,
    /// The session it stands for: `sid`.
    pub session_id: &'a str,
    /// The client that asked for it: `client_id` (RFC 9068 §2.2).
    pub client_id: &'a str,
    /// What the user may do: `scope`, separated by spaces (RFC 8693 §4.2), empty for none.
    pub scopes: &'a [String],
    /// When the user proved who they are: `auth_time`.
    pub auth_time: Timestamp,
    /// When the session ends for good: no token outlives it.
    pub not_after: Timestamp,
}

impl<'a> Subject<'a> {
    /// The subject for a session: the token may live as long as the session.
    pub fn of(session: &'a Session) -> Self {
        let Record { user_id, kind, scopes, auth_time, absolute_expires_at, .. } = &session.record;
        Self {
            user_id,
            session_id: session.id.as_str(),
            client_id: kind.as_str(),
            scopes,
            auth_time: *auth_time,
            not_after: *absolute_expires_at,
        }
    }
}

/// The claims of an access token (RFC 9068 §2.2). Times are seconds since the epoch (RFC 7519 §2). There is no `nbf`: a
/// token is valid from the start, and a verifier whose clock is behind would refuse it.
#[derive(Serialize)]
pub(crate) struct Claims<'a> {
    pub iss: &'a str,
    pub sub: &'a str,
    pub aud: &'a str,
    pub client_id: &'a str,
    pub iat: i64,
    pub exp: i64,
    pub jti: String,
    pub sid: &'a str,
    pub scope: String,
    pub auth_time: i64,
}
