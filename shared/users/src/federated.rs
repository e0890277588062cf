use crate::{
    Denial, Email, Error, Users,
    identity::{self, Identity},
    users::new_account,
};
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};
use dynamo::{moment, text};
use jiff::Timestamp;
use session::{Account, Status};

/// Somebody an OpenID provider vouches for. Issuer and subject are who they are; the rest is what the provider says
/// of them (OpenID Connect Core 5.7).
#[derive(Clone, Debug)]
pub struct Federated {
    /// What the provider is called here; for the list of somebody's ways in, and no part of who they are.
    pub provider: String,
    /// The issuer, exactly as it identifies itself. Without a `#`, as issuers are (OpenID Connect Discovery 3).
    pub issuer: String,
    /// The subject at that issuer.
    pub subject: String,
    /// An address.
    pub email: Option<String>,
    /// Whether the provider has proof of the address.
    pub email_verified: bool,
    /// A name to show.
    pub name: Option<String>,
    /// The address of a picture to show.
    pub picture: Option<String>,
}

impl Federated {
    /// The identity they are.
    pub(crate) fn key(&self) -> String {
        format!("oidc#{}#{}", self.issuer, self.subject)
    }
}

/// Somebody who may come in.
#[derive(Debug)]
pub struct Entrant {
    /// Their account.
    pub account: Account,
    /// How they came to have it.
    pub joined: Joined,
}

/// How somebody with a provider's identity came to their account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// Had it before.
    Known,
    /// The identity was just added to an account with the same proven address.
    Linked,
    /// The account was just made.
    Created,
}

impl Joined {
    /// The name in audit events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Linked => "linked",
            Self::Created => "created",
        }
    }
}

impl Users {
    /// The account of somebody a provider vouches for. A new subject joins the account with the same address only if
    /// both the provider and we have proof of it; else that address is an obstacle, and without one there is a new
    /// account. An address without proof is shown but claims nothing.
    ///
    /// # Errors
    /// [`Error::Taken`] when the address has an account that may not be joined; [`Error::Denied`] when the account is
    /// disabled.
    pub async fn with_identity(&self, who: &Federated, now: Timestamp) -> Result<Entrant, Error> {
        let key = who.key();
        let mut joined = Joined::Known;
        // Twice at most: whoever loses the race to write the identity finds it the second time.
        for _ in 0..2 {
            if let Some((_, account)) = self.find(&key).await? {
                let entrant = admit(account, joined)?;
                if joined == Joined::Known {
                    self.used(&key, &entrant.account.user_id, now).await;
                }
                return Ok(entrant);
            }
            joined = match self.join(&key, who, now).await {
                Err(Error::Store(dynamo::Error::Condition)) => Joined::Known,
                other => other?,
            };
        }
        match self.find(&key).await? {
            Some((_, account)) => admit(account, joined),
            None => Err(dynamo::Error::Conflict.into()),
        }
    }

    /// Notes that somebody came in this way. The login does not depend on it.
    async fn used(&self, key: &str, user_id: &str, now: Timestamp) {
        let update = self.dynamo.client.update_item().table_name(self.dynamo.table(identity::TABLE));
        let update = update
            .key("identity", text(key))
            .update_expression("SET last_used_at = :now")
            // Else the row of an identity that was just taken away would come back as a stump.
            .condition_expression("user_id = :user")
            .expression_attribute_values(":now", moment(now))
            .expression_attribute_values(":user", text(user_id));
        if let Err(error) = update.send().await.map_err(dynamo::Error::from) {
            tracing::warn!(%error, user_id, "the last use of an identity is not noted");
        }
    }

    async fn join(&self, key: &str, who: &Federated, now: Timestamp) -> Result<Joined, Error> {
        let email = who.email.as_deref().and_then(|email| Email::parse(email).ok());
        let holder = match &email {
            Some(email) => self.identity(&email.key()).await?,
            None => None,
        };
        match (email, holder) {
            (Some(email), Some(holder)) if holder.verified && who.email_verified => {
                // An account that admits nobody gets no new way in.
                if let Some((_, account)) = self.find(&email.key()).await? {
                    admit(account, Joined::Linked)?;
                }
                self.attach(key, who, &email, &holder, now).await?;
                Ok(Joined::Linked)
            }
            (_, Some(_)) => Err(Error::Taken),
            (email, None) => {
                self.make(key, who, email.as_ref(), now).await?;
                Ok(Joined::Created)
            }
        }
    }

    /// The identity, if the address still is that user's and proven, and the account admits anybody: else the way in would
    /// be there on the day it is enabled, or outlive an account that is being erased.
    async fn attach(
        &self,
        key: &str,
        who: &Federated,
        email: &Email,
        holder: &Identity,
        now: Timestamp,
    ) -> Result<(), Error> {
        let check = ConditionCheck::builder()
            .table_name(self.dynamo.table(identity::TABLE))
            .key("identity", text(email.key()))
            .condition_expression("user_id = :user AND verified = :true")
            .expression_attribute_values(":user", text(&holder.user_id))
            .expression_attribute_values(":true", AttributeValue::Bool(true))
            .build()
            .map_err(dynamo::Error::from)?;
        let identity = dynamo::encode(identity::TABLE, &subject(key, who, &holder.user_id, now))?;
        let put = self.put_new(identity::TABLE, "identity", identity)?;
        let proven = TransactWriteItem::builder().condition_check(check).build();
        Ok(self.write(vec![put, proven, self.active(&holder.user_id)?]).await?)
    }

    /// That there is such a user, who is not disabled.
    fn active(&self, user_id: &str) -> Result<TransactWriteItem, dynamo::Error> {
        let check = ConditionCheck::builder()
            .table_name(self.dynamo.table(Account::TABLE))
            .key("user_id", text(user_id))
            .condition_expression("#status = :active")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":active", text("active"));
        Ok(TransactWriteItem::builder().condition_check(check.build()?).build())
    }

    async fn make(&self, key: &str, who: &Federated, email: Option<&Email>, now: Timestamp) -> Result<(), Error> {
        let account = Account {
            email: email.map(Email::to_string),
            email_verified: email.is_some() && who.email_verified,
            name: who.name.clone(),
            picture: who.picture.clone(),
            ..new_account(now)
        };
        let mut identities = vec![subject(key, who, &account.user_id, now)];
        if let Some(email) = email.filter(|_| who.email_verified) {
            identities.push(proven(email, &account.user_id, now));
        }
        Ok(self.write_new(&account, &identities).await?)
    }
}

fn admit(account: Account, joined: Joined) -> Result<Entrant, Error> {
    match account.status {
        Status::Active => Ok(Entrant { account, joined }),
        Status::Disabled => Err(Error::Denied { denial: Denial::Disabled, user_id: Some(account.user_id) }),
    }
}

/// The row of a provider's identity that somebody just came in with.
pub(crate) fn subject(key: &str, who: &Federated, user_id: &str, now: Timestamp) -> Identity {
    Identity {
        identity: key.to_owned(),
        user_id: user_id.to_owned(),
        verified: true,
        password_hash: None,
        provider: Some(who.provider.clone()),
        email: who.email.clone(),
        created_at: now,
        last_used_at: Some(now),
    }
}

/// The row of an address that the provider has proof of.
fn proven(email: &Email, user_id: &str, now: Timestamp) -> Identity {
    Identity {
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
