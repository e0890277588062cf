use jiff::{Timestamp, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a letter is about. Its `Debug` form is only its name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Matter {
    /// A person asked for an account with this address. Whether the address already has one is checked when the mail is
    /// written.
    Register {
        /// The hash of the password for the account, as a PHC string.
        password_hash: String,
        /// A name to show.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The SHA-256 of the value that the requesting browser keeps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        browser: Option<String>,
    },
    /// A person asked for a new password for the account of this address. If there is no account, there is no mail.
    Reset,
    /// The password of the account of this address has changed.
    PasswordChanged {
        /// When it changed (milliseconds since the epoch).
        #[serde(with = "millisecond::required")]
        at: Timestamp,
    },
    /// An identity at a provider can now sign in to the account of this address.
    IdentityLinked {
        /// The provider's name.
        provider: String,
        /// When it was added (milliseconds since the epoch).
        #[serde(with = "millisecond::required")]
        at: Timestamp,
    },
    /// That identity at a provider can no longer sign in to the account of this address.
    IdentityUnlinked {
        /// The provider's name.
        provider: String,
        /// When it was removed (milliseconds since the epoch).
        #[serde(with = "millisecond::required")]
        at: Timestamp,
    },
    /// A session began from a place that is new for this user.
    SignIn {
        /// When it began (milliseconds since the epoch).
        #[serde(with = "millisecond::required")]
        at: Timestamp,
        /// The address that the user signed in from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ip: Option<String>,
        /// The program's own `User-Agent` text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_agent: Option<String>,
    },
}

impl Matter {
    /// Its name, for logs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Register { .. } => "register",
            Self::Reset => "reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::IdentityLinked { .. } => "identity_linked",
            Self::IdentityUnlinked { .. } => "identity_unlinked",
            Self::SignIn { .. } => "sign_in",
        }
    }
}

impl fmt::Debug for Matter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
