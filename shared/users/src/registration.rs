use crate::{
    Challenge, Email, Error, Name, Password, Users,
    challenge::{Grant, Purpose, Row},
    identity::Identity,
    users::new_account,
    vouched,
};
use jiff::Timestamp;
use session::{Account, Token};

/// An account to be made by a caller who vouches for the address.
#[derive(Debug)]
pub struct NewUser {
    /// The address, taken as proven.
    pub email: Email,
    /// The first password; `None`: only a provider can sign in to it.
    pub password: Option<Password>,
    /// A name to show.
    pub name: Option<Name>,
}

/// The choices of a person who asked for an account.
#[derive(Clone)]
pub struct Registration {
    /// The hash of the password, as a PHC string.
    pub password_hash: String,
    /// A name to show.
    pub name: Option<String>,
    /// The id of the value that the requesting browser keeps.
    pub browser: Option<String>,
}

/// A mailed token with which an account can be made.
pub struct Invitation {
    challenge: Challenge,
    row: Row,
    /// Whether the browser that shows it is the one that asked.
    is_registrants: bool,
}

impl Invitation {
    /// The words that an attacker would try first as this account's password.
    pub fn own_words(&self) -> Vec<&str> {
        let Grant { email, name, .. } = &self.row.grant;
        [email.as_str()].into_iter().chain(name.as_deref()).collect()
    }
}

impl Users {
    /// Makes an account, and returns its id.
    ///
    /// # Errors
    /// [`Error::Taken`] when the address already has an account.
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

    /// What the mail to a new address must hold: `None` when the address has an account. Nothing is reserved, so a
    /// stranger cannot keep an address from its owner.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say.
    pub async fn begin_registration(
        &self,
        email: &Email,
        asked: Registration,
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
            password_hash: Some(asked.password_hash),
            // The letter may be older than today's rule for names.
            name: asked.name.as_deref().and_then(vouched::name),
            browser: asked.browser,
        };
        self.challenge(grant, now).await.map(Some)
    }

    /// What a mailed token allows in a browser that keeps `browser`.
    ///
    /// # Errors
    /// [`Error::Used`] when the challenge has made its account; [`Error::Spent`] when it is unknown, expired or for another
    /// purpose; [`Error::Taken`] when the address has got an account in another way since the mail was sent.
    pub async fn invitation(
        &self,
        challenge: &Challenge,
        browser: Option<&Token>,
        now: Timestamp,
    ) -> Result<Invitation, Error> {
        let row = self.unspent(challenge, now).await?;
        if self.identity(&row.grant.email.key()).await?.is_some() {
            return Err(Error::Taken);
        }
        let asked = row.grant.browser.as_deref();
        let is_registrants = browser.is_some_and(|browser| asked == Some(browser.id().as_str()));
        Ok(Invitation { challenge: challenge.clone(), row, is_registrants })
    }

    /// Makes the account for the reader of the mail: account, address and the mark on the challenge in one transaction.
    /// A password that is given now is used. Without one, the password and the name that the requesting browser gave
    /// are used, but only in that browser: for any other browser, a stranger may have chosen both.
    ///
    /// # Errors
    /// [`Error::PasswordNeeded`] when there is no usable password; otherwise as [`invitation`](Self::invitation).
    /// [`Error::Store`] when DynamoDB cannot say: the account may exist, with that password.
    pub async fn register(
        &self,
        invitation: &Invitation,
        password: Option<&Password>,
        now: Timestamp,
    ) -> Result<Account, Error> {
        let Invitation { challenge, row, is_registrants } = invitation;
        let Grant { email, password_hash, name, .. } = row.grant.clone();
        let (kept, name) = if *is_registrants { (password_hash, name) } else { (None, None) };
        let hash = match password {
            Some(password) => Some(self.hash(password).await?),
            None => kept,
        };
        let (account, identity) = newcomer(&email, Some(hash.ok_or(Error::PasswordNeeded)?), name, now);
        let mut items = self.new_rows(&account, &[identity])?;
        items.push(self.use_up(row, &account.user_id, now)?);
        match self.write(items).await {
            // The store does not say which condition of the transaction failed.
            Err(dynamo::Error::Condition) => Err(self.unspent(challenge, now).await.err().unwrap_or(Error::Taken)),
            other => Ok(other.map(|()| account)?),
        }
    }

    async fn unspent(&self, challenge: &Challenge, now: Timestamp) -> Result<Row, Error> {
        let row = self.challenged(challenge, Purpose::Verify).await?.ok_or(Error::Spent)?;
        match row.user() {
            Some(user_id) => Err(Error::Used { user_id: user_id.to_owned() }),
            None if row.is_fresh(now) => Ok(row),
            None => Err(Error::Spent),
        }
    }
}

/// An account that signs in with its proven address.
fn newcomer(email: &Email, password_hash: Option<String>, name: Option<String>, now: Timestamp) -> (Account, Identity) {
    let account = Account { email: Some(email.to_string()), email_verified: true, name, ..new_account(now) };
    let identity = Identity { password_hash, ..Identity::proven(email, &account.user_id, now) };
    (account, identity)
}
