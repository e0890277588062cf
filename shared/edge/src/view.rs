use serde::Serialize;
use session::{Session, Token};

/// What a browser learns when it is signed in: the answer of every login and of `GET /me`.
#[derive(Serialize)]
pub struct SignedIn<'a> {
    user: User<'a>,
    session: View<'a>,
    csrf_token: String,
}

#[derive(Serialize)]
struct User<'a> {
    id: &'a str,
    email: Option<&'a str>,
    email_verified: bool,
    name: Option<&'a str>,
    picture: Option<&'a str>,
    scopes: &'a [String],
}

/// Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct View<'a> {
    id: &'a str,
    kind: &'static str,
    auth_method: &'a str,
    created_at: String,
    expires_at: String,
    absolute_expires_at: String,
}

impl<'a> SignedIn<'a> {
    /// The view of a session for whoever presented or received its token.
    pub fn new(token: &Token, session: &'a Session) -> Self {
        let record = &session.record;
        Self {
            user: User {
                id: &record.user_id,
                email: record.email.as_deref(),
                email_verified: record.email_verified,
                name: record.name.as_deref(),
                picture: record.picture.as_deref(),
                scopes: &record.scopes,
            },
            session: View {
                id: session.id.as_str(),
                kind: record.kind.as_str(),
                auth_method: &record.auth_method,
                created_at: record.created_at.to_string(),
                expires_at: session.expires_at.to_string(),
                absolute_expires_at: record.absolute_expires_at.to_string(),
            },
            csrf_token: token.csrf(),
        }
    }
}
