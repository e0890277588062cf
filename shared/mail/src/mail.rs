use jiff::Timestamp;

/// The message of a mail to its reader. No `Debug` form: some carry a token.
///
/// None of them repeats a text that another person could have chosen, such as the name in a registration: otherwise a
/// stranger could send words of their own to other people in our mails.
#[derive(Clone, Copy)]
pub enum Mail<'a> {
    /// The address was given for a new account, and opening the link proves it.
    Verify {
        /// The token of the link, base64url.
        token: &'a str,
    },
    /// The address was given for a new account, but already has one.
    Known,
    /// A person asked for a new password; opening the link allows setting it.
    Reset {
        /// The token of the link, base64url.
        token: &'a str,
    },
    /// The account now has another password.
    PasswordChanged {
        /// When it changed.
        at: Timestamp,
    },
    /// One more identity at a provider can sign in to the account.
    IdentityLinked {
        /// The provider's name in our settings.
        provider: &'a str,
        /// When it was added.
        at: Timestamp,
    },
    /// That identity can no longer sign in to the account.
    IdentityUnlinked {
        /// The provider's name in our settings.
        provider: &'a str,
        /// When it was removed.
        at: Timestamp,
    },
    /// A person signed in from a new place.
    SignIn {
        /// When they signed in.
        at: Timestamp,
        /// The address they signed in from.
        ip: Option<&'a str>,
        /// The `User-Agent` of the program they used; the mail names only its family and system.
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
