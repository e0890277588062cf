use jiff::Timestamp;

/// What a mail tells its reader. No `Debug` form: some carry a token.
///
/// None of them repeats a text that somebody else could have chosen, such as the name in a registration: who could put
/// words into mails of ours would send them to strangers.
#[derive(Clone, Copy)]
pub enum Mail<'a> {
    /// The address was given for a new account, and opening the link proves it.
    Verify {
        /// The token of the link, base64url.
        token: &'a str,
    },
    /// The address was given for a new account, and has one already.
    Known,
    /// Somebody asked for a new password, and opening the link allows to set it.
    Reset {
        /// The token of the link, base64url.
        token: &'a str,
    },
    /// The account has another password now.
    PasswordChanged {
        /// Since when.
        at: Timestamp,
    },
    /// The account can be entered by one more provider, or by one more identity there.
    IdentityLinked {
        /// What the provider is called in our settings.
        provider: &'a str,
        /// Since when.
        at: Timestamp,
    },
    /// The account cannot be entered by that identity any more.
    IdentityUnlinked {
        /// What the provider is called in our settings.
        provider: &'a str,
        /// Since when.
        at: Timestamp,
    },
    /// Somebody signed in from a place that is new.
    SignIn {
        /// When.
        at: Timestamp,
        /// From which address.
        ip: Option<&'a str>,
        /// With which program: its `User-Agent`, of which the family and the system are told.
        user_agent: Option<&'a str>,
    },
}

impl Mail<'_> {
    /// Its name, for logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Verify { .. } => "verify",
            Self::Known => "known",
            Self::Reset { .. } => "reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::IdentityLinked { .. } => "identity_linked",
            Self::IdentityUnlinked { .. } => "identity_unlinked",
            Self::SignIn { .. } => "sign_in",
        }
    }
}
