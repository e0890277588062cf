/// Why a session ended; kept on its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its user signed out.
    Logout,
    /// Its user signed out everywhere.
    LogoutAll,
    /// Its user ended it from another session.
    Ended,
    /// Its user has too many sessions, and this was the oldest.
    Cap,
    /// Another session took its place in the browser.
    Replaced,
    /// One of its refresh tokens was shown again after it was spent.
    Reused,
    /// A person who knew the password replaced it.
    PasswordChanged,
    /// A person who reads the account's mail set the password.
    PasswordReset,
    /// The account may not sign in any more.
    Disabled,
    /// The user's scopes changed.
    ScopesChanged,
    /// The account is to be deleted.
    Deleted,
    /// An operator ended it.
    Admin,
}

impl Why {
    /// The reason's name on the row.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::LogoutAll => "logout_all",
            Self::Ended => "ended",
            Self::Cap => "cap",
            Self::Replaced => "replaced",
            Self::Reused => "reused",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::Disabled => "disabled",
            Self::ScopesChanged => "scopes_changed",
            Self::Deleted => "deleted",
            Self::Admin => "admin",
        }
    }
}
