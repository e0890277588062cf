use crate::{Call, Gate};

/// What happened, for whoever watches over the accounts (OWASP ASVS 16.3.1–16.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A credential was accepted, a session began.
    Login,
    /// A credential was refused.
    LoginFailed,
    /// A session ended.
    Logout,
    /// All sessions of a user ended.
    LogoutAll,
    /// A JWT was minted from a session.
    TokenMinted,
    /// A request was turned away: foreign origin, CSRF token, planted cookie.
    Denied,
}

impl Event {
    fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::LoginFailed => "login_failed",
            Self::Logout => "logout",
            Self::LogoutAll => "logout_all",
            Self::TokenMinted => "token_minted",
            Self::Denied => "denied",
        }
    }
}

/// The particulars of an event. Ids only: a session id is the hash of a token.
#[derive(Clone, Copy, Debug, Default)]
pub struct Audit<'a> {
    /// Whose.
    pub user_id: Option<&'a str>,
    /// Which session.
    pub session_id: Option<&'a str>,
    /// `password` or `oidc:<provider>`.
    pub auth_method: Option<&'a str>,
    /// Why, for what failed.
    pub reason: Option<&'a str>,
    /// How many sessions, or for which audience.
    pub detail: Option<&'a str>,
}

impl Gate {
    /// Writes one audit event, with where the request came from, on a line of its own.
    pub fn audit(&self, call: &Call, event: Event, audit: Audit<'_>) {
        let client = self.client(call);
        tracing::info!(
            target: "audit",
            event = event.as_str(),
            request_id = call.id,
            user_id = audit.user_id,
            session_id = audit.session_id,
            auth_method = audit.auth_method,
            reason = audit.reason,
            detail = audit.detail,
            ip = client.ip,
            user_agent = client.user_agent,
        );
    }
}
