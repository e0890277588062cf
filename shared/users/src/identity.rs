use crate::Email;
use jiff::{Timestamp, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};

/// The name of the table, without its prefix.
pub(crate) const TABLE: &str = "user_identities";

/// A row of `user_identities`: one way to sign in to an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// `email#<normalised>` or `oidc#<issuer>#<subject>`.
    pub identity: String,
    pub user_id: String,
    /// Whether the address is proven to be the user's; always true for a provider's subject.
    pub verified: bool,
    /// A PHC string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// The name of the provider, for a provider's subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The address that the provider sent when the identity was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(with = "millisecond::required")]
    pub created_at: Timestamp,
    /// When a person last signed in this way.
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

impl Identity {
    /// The row of an address that is proven, without a password.
    pub fn proven(email: &Email, user_id: &str, now: Timestamp) -> Self {
        Self {
            identity: email.key(),
            user_id: user_id.to_owned(),
            verified: true,
            password_hash: None,
            provider: None,
            email: None,
            created_at: now,
            last_used_at: None,
        }
    }
}
