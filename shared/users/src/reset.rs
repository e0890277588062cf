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

/// A mailed token with what is stored of it; perhaps it was never mailed.
pub struct Mailed {
    challenge: Challenge,
    row: Option<Row>,
}

impl Mailed {
    /// The addressee, even if the token is no longer valid. `None`: it is unknown, or for another purpose.
    pub fn addressee(&self) -> Option<Addressee> {
        let Row { grant: Grant { user_id, email, .. }, .. } = self.row.as_ref()?;
        Some(Addressee { user_id: user_id.clone()?, email: email.clone() })
    }
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

    /// What a mailed token is for, even if it is no longer valid: for judging the new password. One read.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say.
    pub async fn mailed(&self, challenge: &Challenge) -> Result<Mailed, Error> {
        let row = self.challenged(challenge, Purpose::Reset).await?;
        Ok(Mailed { challenge: challenge.clone(), row })
    }

    /// Sets the password of the account that the mail was for, and ends its sessions: the hash, the epoch, the rows,
    /// the mark on the challenge and the letter that `letter` makes are one transaction. A repeat with the same
    /// password within the hour finishes an earlier try, and writes no letter. `mailed` has just been read.
    ///
    /// # Errors
    /// [`Error::Spent`] when the challenge is unknown, expired, used or for another purpose, or all sessions of the
    /// account were ended since the mail was sent: after the same reads and the same work. [`Error::Session`] and
    /// [`Error::Store`] when the reset may be partly done: the caller repeats.
    pub async fn reset_password(
        &self,
        sessions: &Sessions,
        mailed: Mailed,
        new: &Password,
        letter: impl Fn(&Email) -> Result<TransactWriteItem, dynamo::Error>,
        now: Timestamp,
    ) -> Result<Reset, Error> {
        let mut mailed = mailed;
        for _ in 1..ROUNDS {
            match self.try_to_reset(sessions, &mailed, new, &letter, now).await {
                // Another request changed the account after it was read: the new state decides.
                Err(Error::Session(session::Error::Superseded)) => {}
                outcome => return outcome,
            }
            mailed = self.mailed(&mailed.challenge).await?;
        }
        self.try_to_reset(sessions, &mailed, new, &letter, now).await
    }

    async fn try_to_reset(
        &self,
        sessions: &Sessions,
        Mailed { row, .. }: &Mailed,
        new: &Password,
        letter: impl Fn(&Email) -> Result<TransactWriteItem, dynamo::Error>,
        now: Timestamp,
    ) -> Result<Reset, Error> {
        let key = row.as_ref().map_or_else(|| NOBODYS.to_owned(), |row| row.grant.email.key());
        // If the address has gone to another account meanwhile, that is not the challenge's.
        let user_id = row.as_ref().and_then(|row| row.grant.user_id.as_deref());
        let holder = self.snapshot(&key, user_id).await?.filter(may_reset);
        let (row, ended) = match (row, &holder) {
            (Some(row), Some(holder)) if row.is_fresh(now) && is_of(row, holder, 0) => {
                let told = letter(&row.grant.email)?;
                (row, self.set(sessions, row, holder, new, told, now).await?)
            }
            (Some(row), Some(holder)) if row.was_just_used(now) && is_of(row, holder, 1) => {
                self.demand(new, Some(holder)).await?;
                (row, sessions.finish_user(&holder.1.user_id).await?)
            }
            _ => {
                self.demand(new, None).await?;
                return Err(Error::Spent);
            }
        };
        Ok(Reset { ended, email: row.grant.email.clone() })
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
        let also = vec![self.replace_password(identity, hash)?, self.use_up(row, &account.user_id, now)?, told];
        let epoch = Some(account.security_epoch);
        let ending = Ending { why: Why::PasswordReset, epoch, change: Change::Nothing, also };
        Ok(sessions.end_account(account, ending, now).await?)
    }

    async fn demand(&self, password: &Password, holder: Option<&(Identity, Account)>) -> Result<(), Error> {
        let [verified] = self.verify(holder, [password]).await?;
        if verified { Ok(()) } else { Err(Error::Spent) }
    }
}

fn may_reset((identity, account): &(Identity, Account)) -> bool {
    identity.verified && account.status == Status::Active
}

/// Whether a challenge is for this account, which still has its address, and all sessions of the account were ended this
/// many times since.
fn is_of(row: &Row, (identity, account): &(Identity, Account), ended: u64) -> bool {
    let Grant { user_id, security_epoch, .. } = &row.grant;
    let epoch = security_epoch.and_then(|epoch| epoch.checked_add(ended));
    let is_holder = identity.user_id == account.user_id && user_id.as_ref() == Some(&account.user_id);
    is_holder && epoch == Some(account.security_epoch)
}
