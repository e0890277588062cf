use crate::{
    Challenge, Email, Error, Name, Password, Users,
    challenge::{Grant, Purpose, Row},
    identity::Identity,
    users::new_account,
};
use jiff::Timestamp;
use session::Account;

/// An account to be made by somebody who vouches for the address.
#[derive(Debug)]
pub struct NewUser {
    /// The address, taken as proven.
    pub email: Email,
    /// The first password; `None`: a provider is the only way in.
    pub password: Option<Password>,
    /// A name to show.
    pub name: Option<Name>,
}

impl Users {
    /// Makes an account, and returns its id.
    ///
    /// # Errors
    /// [`Error::Taken`] when the address has one.
    pub async fn add(&self, new: NewUser, now: Timestamp) -> Result<String, Error> {
        let password_hash = match &new.password {
            Some(password) => Some(self.hash(password).await?),
            None => None,
        };
        let (account, identity) = newcomer(&new.email, password_hash, new.name.map(String::from), now);
        match self.write_new(&account, &[identity]).await {
            Err(dynamo::Error::Condition) => Err(Error::Taken),
            other => Ok(other.map(|()| account.user_id)?),
        }
    }

    /// What the mail to a new address must hold: `None` when the address has an account. Nothing is reserved, so that
    /// nobody can keep an address from its owner.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say.
    pub async fn begin_registration(
        &self,
        email: &Email,
        password_hash: String,
        name: Option<String>,
        now: Timestamp,
    ) -> Result<Option<Challenge>, Error> {
        if self.identity(&email.key()).await?.is_some() {
            return Ok(None);
        }
        let grant = Grant {
            purpose: Purpose::Verify,
            email: email.clone(),
            user_id: None,
            security_epoch: None,
            password_hash: Some(password_hash),
            name,
        };
        self.challenge(grant, now).await.map(Some)
    }

    /// Makes the account of whoever has read the mail: account, address and the mark on the challenge in one
    /// transaction.
    ///
    /// # Errors
    /// [`Error::Spent`] when the challenge is unknown, expired, used or for something else; [`Error::Taken`] when the
    /// address has got an account since the mail left. [`Error::Store`] when DynamoDB cannot say: the account may
    /// exist, with the password that was asked for.
    pub async fn register(&self, challenge: &Challenge, now: Timestamp) -> Result<Account, Error> {
        let row = self.unspent(challenge, now).await?.ok_or(Error::Spent)?;
        let Grant { email, password_hash, name, .. } = row.grant.clone();
        let (account, identity) = newcomer(&email, password_hash, name, now);
        let mut items = self.new_rows(&account, &[identity])?;
        items.push(self.use_up(&row, now)?);
        match self.write(items).await {
            // Of the conditions in the transaction the store does not say which one failed.
            Err(dynamo::Error::Condition) if self.unspent(challenge, now).await?.is_some() => Err(Error::Taken),
            Err(dynamo::Error::Condition) => Err(Error::Spent),
            other => Ok(other.map(|()| account)?),
        }
    }

    async fn unspent(&self, challenge: &Challenge, now: Timestamp) -> Result<Option<Row>, Error> {
        Ok(self.challenged(challenge, Purpose::Verify).await?.filter(|row| row.is_fresh(now)))
    }
}

/// An account with a proven address as its way in.
fn newcomer(email: &Email, password_hash: Option<String>, name: Option<String>, now: Timestamp) -> (Account, Identity) {
    let account = Account { email: Some(email.to_string()), email_verified: true, name, ..new_account(now) };
    let identity = Identity { password_hash, ..Identity::proven(email, &account.user_id, now) };
    (account, identity)
}
