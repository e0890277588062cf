use jiff::{Timestamp, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a letter is about. Its `Debug` form is its name alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Matter {
    /// Somebody asked for an account with this address. Whether the address has one already is found out when the mail is
    /// written.
    Register {
        /// The hash of the password that the account is to have, as a PHC string.
        password_hash: String,
        /// A name to show.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// The SHA-256 of what the browser keeps that asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        browser: Option<String>,
    },
    /// Somebody asked for a new password of the account of this address. There may be none, and then there is no mail.
    Reset,
    /// The password of the account of this address is another one now.
    PasswordChanged {
        /// Since when (milliseconds since the epoch).
        #[serde(with = "millisecond::required")]
        at: Timestamp,
    },
    /// Somebody comes in to the account of this address by a provider from now on.
    IdentityLinked {
        /// What the provider is called.
        provider: String,
        /// Since when (milliseconds since the epoch).
        #[serde(with = "millisecond::required")]
        at: Timestamp,
    },
    /// Nobody comes in to the account of this address by that identity at a provider any more.
    IdentityUnlinked {
        /// What the provider is called.
        provider: String,
        /// Since when (milliseconds since the epoch).
        #[serde(with = "millisecond::required")]
        at: Timestamp,
    },
    /// A session began from a place not known for this user.
    SignIn {
        /// When (milliseconds since the epoch).
        #[serde(with = "millisecond::required")]
        at: Timestamp,
        /// From which address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ip: Option<String>,
        /// With which program, in its own words.
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
