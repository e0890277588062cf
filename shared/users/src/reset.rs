use crate::{
    Challenge, Email, Error, Password, Users,
    challenge::{Grant, Purpose, Row},
    change::ROUNDS,
    identity::Identity,
};
use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::Timestamp;
use session::{Account, Change, Ended, Ending, Sessions, Status, Why};

/// A key that no identity has, so that an invalid challenge costs the same reads as a valid one.
const NOBODYS: &str = "email#";

/// A password that was set by the reader of the account's mail.
#[derive(Debug)]
pub struct Reset {
    /// The user, and how many sessions ended.
    pub ended: Ended,
    /// The address whose mail was read.
    pub email: Email,
}

/// The addressee of a mail with a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// The user whose password it can reset.
    pub user_id: String,
    /// The address of the mail.
    pub email: Email,
}

impl Users {
    /// What the mail to a person who forgot a password must hold: `None` when no account has that address, the address
    /// is not proven, or the account may not sign in. An account without a password may get its first one.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say.
    pub async fn begin_reset(&self, email: &Email, now: Timestamp) -> Result<Option<Challenge>, Error> {
        let Some((_, account)) = self.find(&email.key()).await?.filter(may_reset) else { return Ok(None) };
        let grant = Grant {
            purpose: Purpose::Reset,
            email: email.clone(),
            user_id: Some(account.user_id),
            security_epoch: Some(account.security_epoch),
            password_hash: None,
            name: None,
            browser: None,
        };
        self.challenge(grant, now).await.map(Some)
    }

    /// The addressee of the mail, even if the challenge is no longer valid: for judging the new password. `None` when
    /// the challenge is unknown or for another purpose. One read.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say.
    pub async fn addressee(&self, challenge: &Challenge) -> Result<Option<Addressee>, Error> {
        let row = self.challenged(challenge, Purpose::Reset).await?;
        Ok(row.and_then(|Row { grant: Grant { user_id, email, .. }, .. }| Some(Addressee { user_id: user_id?, email })))
    }

    /// Sets the password of the account that the mail was for, and ends its sessions: the hash, the epoch, the rows,
    /// the mark on the challenge and the letter that `letter` makes are one transaction. A repeat with the same
    /// password within the hour finishes an earlier try, and writes no letter.
    ///
    /// # Errors
    /// [`Error::Spent`] when the challenge is unknown, expired, used or for another purpose, or all sessions of the
    /// account were ended since the mail was sent: after the same reads and the same work. [`Error::Session`] and
    /// [`Error::Store`] when the reset may be partly done: the caller repeats.
    pub async fn reset_password(
        &self,
        sessions: &Sessions,
        challenge: &Challenge,
        new: &Password,
        letter: impl Fn(&Email) -> Result<TransactWriteItem, dynamo::Error>,
        now: Timestamp,
    ) -> Result<Reset, Error> {
        for _ in 1..ROUNDS {
            match self.try_to_reset(sessions, challenge, new, &letter, now).await {
                // Another request changed the account after it was read: the new state decides.
                Err(Error::Session(session::Error::Superseded)) => {}
                outcome => return outcome,
            }
        }
        self.try_to_reset(sessions, challenge, new, &letter, now).await
    }

    async fn try_to_reset(
        &self,
        sessions: &Sessions,
        challenge: &Challenge,
        new: &Password,
        letter: impl Fn(&Email) -> Result<TransactWriteItem, dynamo::Error>,
        now: Timestamp,
    ) -> Result<Reset, Error> {
        let row = self.challenged(challenge, Purpose::Reset).await?;
        let key = row.as_ref().map_or_else(|| NOBODYS.to_owned(), |row| row.grant.email.key());
        let holder = self.find(&key).await?.filter(may_reset);
        let ended = match (&row, &holder) {
            (Some(row), Some(holder)) if row.is_fresh(now) && is_of(row, &holder.1, 0) => {
                let told = letter(&row.grant.email)?;
                self.set(sessions, row, holder, new, told, now).await?
            }
            (Some(row), Some(holder)) if row.was_just_used(now) && is_of(row, &holder.1, 1) => {
                self.demand(new, Some(holder)).await?;
                sessions.finish_user(&holder.1.user_id).await?
            }
            _ => {
                self.demand(new, None).await?;
                return Err(Error::Spent);
            }
        };
        row.map(|row| Reset { ended, email: row.grant.email }).ok_or(Error::Spent)
    }

    async fn set(
        &self,
        sessions: &Sessions,
        row: &Row,
        (identity, account): &(Identity, Account),
        new: &Password,
        told: TransactWriteItem,
        now: Timestamp,
    ) -> Result<Ended, Error> {
        let hash = self.hash(new).await?;
        let also = vec![self.replace_password(identity, hash)?, self.use_up(row, now)?, told];
        let epoch = Some(account.security_epoch);
        let ending = Ending { why: Why::PasswordReset, epoch, change: Change::Nothing, also };
        Ok(sessions.end_user(&account.user_id, ending, now).await?)
    }

    async fn demand(&self, password: &Password, holder: Option<&(Identity, Account)>) -> Result<(), Error> {
        let [verified] = self.verify(holder, [password]).await?;
        if verified { Ok(()) } else { Err(Error::Spent) }
    }
}

fn may_reset((identity, account): &(Identity, Account)) -> bool {
    identity.verified && account.status == Status::Active
}

/// Whether a challenge is for this account, and all sessions of the account were ended this many times since.
fn is_of(row: &Row, account: &Account, ended: u64) -> bool {
    let Grant { user_id, security_epoch, .. } = &row.grant;
    let epoch = security_epoch.and_then(|epoch| epoch.checked_add(ended));
    user_id.as_ref() == Some(&account.user_id) && epoch == Some(account.security_epoch)
}
