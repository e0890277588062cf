use crate::{Call, Gate};
use session::{Session, SessionId};

/// What happened, for the people who watch over the accounts (OWASP ASVS 16.3.1–16.3.3).
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
    /// A person asked for an account; this event does not check whether the address has one.
    RegisterRequested,
    /// An address was proven, and its account was made.
    Registered,
    /// A person who knew the password replaced it.
    PasswordChanged,
    /// A new password was refused because the current one was wrong.
    PasswordRefused,
    /// A person asked for a mail that lets the owner of an address set a new password.
    ResetRequested,
    /// A password was set through such a mail.
    PasswordReset,
    /// A mailed token was refused.
    LinkRefused,
    /// A way to sign in was added to an account.
    IdentityLinked,
    /// A way to sign in was removed.
    IdentityUnlinked,
    /// A session was ended from another session of its user.
    SessionEnded,
    /// A JWT was minted from a session.
    TokenMinted,
    /// A device got a JWT and its next refresh token.
    TokenRefreshed,
    /// A refresh token was shown again whose successor was never used. It got another successor in its place.
    RefreshReplaced,
    /// A refresh token was shown again after it was spent: the device's session is over.
    RefreshReused,
    /// A refresh token was refused.
    RefreshRefused,
    /// A request was refused: foreign origin, CSRF token, planted cookie.
    Denied,
    /// A request was refused because there were too many before it.
    Throttled,
}

impl Event {
    fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::LoginFailed => "login_failed",
            Self::Logout => "logout",
            Self::LogoutAll => "logout_all",
            Self::RegisterRequested => "register_requested",
            Self::Registered => "registered",
            Self::PasswordChanged => "password_changed",
            Self::PasswordRefused => "password_refused",
            Self::ResetRequested => "reset_requested",
            Self::PasswordReset => "password_reset",
            Self::LinkRefused => "link_refused",
            Self::IdentityLinked => "identity_linked",
            Self::IdentityUnlinked => "identity_unlinked",
            Self::SessionEnded => "session_ended",
            Self::TokenMinted => "token_minted",
            Self::TokenRefreshed => "token_refreshed",
            Self::RefreshReplaced => "refresh_replaced",
            Self::RefreshReused => "refresh_reused",
            Self::RefreshRefused => "refresh_refused",
            Self::Denied => "denied",
            Self::Throttled => "throttled",
        }
    }
}

/// The details of an event. Ids only: a session id is the hash of a token.
#[derive(Clone, Copy, Debug, Default)]
pub struct Audit<'a> {
    user_id: Option<&'a str>,
    session_id: Option<&'a str>,
    auth_method: Option<&'a str>,
    reason: Option<&'a str>,
    detail: Option<&'a str>,
}

impl<'a> Audit<'a> {
    /// Names the user, if it is known.
    pub fn of(user_id: impl Into<Option<&'a str>>) -> Self {
        Self { user_id: user_id.into(), ..Self::default() }
    }

    /// Names this session and its user.
    pub fn of_session(session: &'a Session) -> Self {
        Self::of(session.record.user_id.as_str()).session(&session.id)
    }

    /// Names the session.
    #[must_use]
    pub fn session(self, id: &'a SessionId) -> Self {
        Self { session_id: Some(id.as_str()), ..self }
    }

    /// Names the method: `password` or `oidc:<provider>`.
    #[must_use]
    pub fn method(self, auth_method: impl Into<Option<&'a str>>) -> Self {
        Self { auth_method: auth_method.into(), ..self }
    }

    /// Names the reason, for a failure.
    #[must_use]
    pub fn reason(self, reason: &'a str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// Adds a detail: how many sessions, which audience or the like.
    #[must_use]
    pub fn detail(self, detail: impl Into<Option<&'a str>>) -> Self {
        Self { detail: detail.into(), ..self }
    }
}

impl Gate {
    /// Writes one audit event on its own line, with where the request came from.
    pub fn audit(&self, call: &Call<'_>, event: Event, audit: Audit<'_>) {
        let client = self.client(call);
        tracing::info!(
            target: "audit",
            event = event.as_str(),
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
