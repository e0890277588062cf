use crate::{Denial, Email, Error, Users, identity::Identity, vouched::Vouched};
use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::Timestamp;
use session::{Account, Status};

/// A person whom an OpenID provider vouches for. Issuer and subject identify the person. The rest are the provider's
/// claims about them (OpenID Connect Core 5.7), unchanged: this crate judges which of them can be used.
#[derive(Clone, Debug)]
pub struct Federated {
    /// The provider's name here; for the list of the person's ways in, and not part of their identity.
    pub provider: String,
    /// The issuer, exactly as it identifies itself. It has no `#`, as no issuer has (OpenID Connect Discovery 3).
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
    /// The key of their identity.
    pub(crate) fn key(&self) -> String {
        format!("oidc#{}#{}", self.issuer, self.subject)
    }
}

/// A person who may sign in.
#[derive(Debug)]
pub struct Entrant {
    /// Their account.
    pub account: Account,
    /// How the account and the identity came together.
    pub joined: Joined,
    /// The identity's key.
    pub(crate) key: String,
}

/// How a provider's identity and its account came together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// The identity belonged to the account before.
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
    /// The account of a person whom a provider vouches for. A new subject joins the account with the same address only
    /// if both the provider and we have proof of the address, and the user has not removed this subject. Otherwise an
    /// account with that address is an error, and if there is none, a new account is made. An unproven address is shown
    /// but gives no rights. For a known subject, the provider's current claims are taken over.
    ///
    /// The letter that `letter` makes for the address of a joined account is written with the identity. That the person
    /// signed in this way is noted by [`note_entry`](Self::note_entry), which the caller need not wait for.
    ///
    /// # Errors
    /// [`Error::Taken`] when the address has an account that may not be joined; [`Error::Denied`] when the account is
    /// disabled.
    pub async fn with_identity(
        &self,
        who: &Federated,
        letter: impl Fn(&Email) -> Result<TransactWriteItem, dynamo::Error>,
        now: Timestamp,
    ) -> Result<Entrant, Error> {
        let (key, said) = (who.key(), Vouched::of(who));
        let mut joined = Joined::Known;
        // Twice at most: a request that loses the race to write the identity finds it the second time.
        for _ in 0..2 {
            if let Some((identity, account)) = self.find(&key).await? {
                let account = admit(account)?;
                let account = match joined {
                    Joined::Known => self.take_up(&identity, account, &said, now).await,
                    Joined::Linked | Joined::Created => account,
                };
                return Ok(Entrant { account, joined, key });
            }
            joined = match self.join(&subject(&key, who, &said, now), &said, &letter).await {
                Err(Error::Store(dynamo::Error::Condition)) => Joined::Known,
                other => other?,
            };
        }
        match self.find(&key).await? {
            Some((_, account)) => Ok(Entrant { account: admit(account)?, joined, key }),
            None => Err(dynamo::Error::Conflict.into()),
        }
    }
}

pub(crate) fn admit(account: Account) -> Result<Account, Error> {
    match account.status {
        Status::Active => Ok(account),
        Status::Disabled => Err(Error::Denied { denial: Denial::Disabled, user_id: Some(account.user_id) }),
    }
}

/// The row of a provider's identity with which a person just signed in, before it is known whose it will be.
pub(crate) fn subject(key: &str, who: &Federated, said: &Vouched, now: Timestamp) -> Identity {
    Identity {
        identity: key.to_owned(),
        user_id: String::new(),
        verified: true,
        password_hash: None,
        provider: Some(who.provider.clone()),
        email: said.email.as_ref().map(Email::to_string),
        created_at: now,
        last_used_at: Some(now),
    }
}
