use crate::{
    Error, Users,
    identity::{self, Identity},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use dynamo::text;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// One way into an account, as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Identifies the way without revealing the subject at the provider: the SHA-256 of the identity, base64url.
    pub id: String,
    /// What opens it.
    pub kind: WayKind,
    /// The name of the provider, if it is one.
    pub provider: Option<String>,
    /// The address that it is, or the one that the provider sent when it was added.
    pub email: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When a person last signed in this way, if that was noted.
    pub last_used_at: Option<Timestamp>,
}

/// What opens a way into an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayKind {
    /// The address with a password.
    Password,
    /// Not a way in yet: the address is proven, and may be given a password.
    Email,
    /// An OpenID provider.
    Oidc,
}

impl WayKind {
    /// The kind's name in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Email => "email",
            Self::Oidc => "oidc",
        }
    }
}

/// The public id of an identity.
pub(crate) fn way_id(key: &str) -> String {
    BASE64URL.encode(Sha256::digest(key))
}

impl Identity {
    pub(crate) fn kind(&self) -> WayKind {
        match (self.address(), &self.password_hash) {
            (None, _) => WayKind::Oidc,
            (Some(_), Some(_)) => WayKind::Password,
            (Some(_), None) => WayKind::Email,
        }
    }

    fn address(&self) -> Option<&str> {
        self.identity.strip_prefix("email#")
    }

    pub(crate) fn way(&self) -> Way {
        Way {
            id: way_id(&self.identity),
            kind: self.kind(),
            provider: self.provider.clone(),
            email: self.address().map(str::to_owned).or_else(|| self.email.clone()),
            created_at: self.created_at,
            last_used_at: self.last_used_at,
        }
    }
}

impl Users {
    /// The ways into an account, oldest first. One that was added or removed in the last moments may be missing or
    /// still listed: the index by user lags behind its table.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn ways(&self, user_id: &str) -> Result<Vec<Way>, Error> {
        Ok(self.identities(user_id).await?.iter().map(Identity::way).collect())
    }

    /// Every identity of a user, oldest first, as far as the index by user is up to date.
    pub(crate) async fn identities(&self, user_id: &str) -> Result<Vec<Identity>, Error> {
        let query = self.dynamo.client().query().table_name(self.dynamo.table(identity::TABLE)).index_name("by_user");
        let query =
            query.key_condition_expression("user_id = :user").expression_attribute_values(":user", text(user_id));
        let mut rows = query.into_paginator().items().send();
        let mut identities = Vec::<Identity>::new();
        while let Some(row) = rows.next().await {
            identities.push(dynamo::decode(identity::TABLE, row.map_err(dynamo::Error::from)?)?);
        }
        identities.sort_by(|one, two| (one.created_at, &one.identity).cmp(&(two.created_at, &two.identity)));
        Ok(identities)
    }
}
