use super::{Sessions, revoke::log_revoked};
use crate::{Account, Error, SessionId, Why, cold::Write};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use jiff::Timestamp;

/// How many logins and logouts of the same user may come in between. Each of those has succeeded.
const RIVALS: usize = 64;

/// Why every session of a user ends, and what is written in the same transaction.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The reason that the rows keep.
    pub why: Why,
    /// The epoch under which the ending was decided; `None`: any epoch.
    pub epoch: Option<u64>,
    /// What else changes on the user's row.
    pub change: Change,
    /// At most three writes to other tables, each with its own condition.
    pub also: Vec<TransactWriteItem>,
}

/// What else happens to a user whose sessions end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Nothing,
    /// The account may not sign in any more.
    Disable,
    /// The user has these scopes from now on, and no others.
    Scopes(Vec<String>),
}

/// An ending of all sessions that is finished.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whose sessions ended.
    pub user_id: String,
    /// How many.
    pub sessions: usize,
    /// The user's epoch from then on.
    pub epoch: u64,
}

impl Sessions {
    /// Ends every session of a user together with the change that calls for it: both are committed or neither is.
    ///
    /// # Errors
    /// [`Error::Superseded`] when there is no such user, the epoch is another, or a condition of the other writes does
    /// not hold: nothing was written. [`Error::Store`] when DynamoDB cannot say: the ending may be committed.
    /// [`Error::Unfinished`] when it is committed, but Redis may still serve the sessions. After either of these two
    /// [`finish_user`](Self::finish_user) does what is missing.
    pub async fn end_user(&self, user_id: &str, ending: Ending, now: Timestamp) -> Result<Ended, Error> {
        self.end_as_read(user_id, None, ending, now).await
    }

    /// As [`end_user`](Self::end_user), for a caller that has just read the account: it is read again only if it has
    /// changed since.
    ///
    /// # Errors
    /// As [`end_user`](Self::end_user).
    pub async fn end_account(&self, account: &Account, ending: Ending, now: Timestamp) -> Result<Ended, Error> {
        self.end_as_read(&account.user_id, Some(account), ending, now).await
    }

    async fn end_as_read(
        &self,
        user_id: &str,
        account: Option<&Account>,
        ending: Ending,
        now: Timestamp,
    ) -> Result<Ended, Error> {
        let (ids, epoch) = self.commit_ending(user_id, account, &ending, now).await?.ok_or(Error::Superseded)?;
        self.finish(user_id, &ids).await?;
        Ok(Ended { user_id: user_id.to_owned(), sessions: ids.len(), epoch })
    }

    /// Finishes an ending that was committed. If nothing is left to finish, the count is zero.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub async fn finish_user(&self, user_id: &str) -> Result<Ended, Error> {
        let account = self.cold.account(user_id).await?.map(|(account, _)| account);
        let left = account.as_ref().map(Account::unfinished).unwrap_or_default();
        if !left.is_empty() {
            self.finish(user_id, &left).await?;
        }
        let epoch = account.map_or(0, |account| account.security_epoch);
        Ok(Ended { user_id: user_id.to_owned(), sessions: left.len(), epoch })
    }

    /// Tombstones first, then the map: if an entry is gone, its tombstone is in place.
    pub(super) async fn finish(&self, user_id: &str, ids: &[SessionId]) -> Result<(), Error> {
        self.bury(ids).await?;
        self.tidy(user_id, ids).await;
        Ok(())
    }

    /// Writes the new epoch, all rows and the rest in one transaction, if the epoch and the map are still as read,
    /// at first by the caller. If another request changed either in between, it starts over. `None`: there is no such
    /// user. Returns the sessions to finish, and the epoch.
    pub(super) async fn commit_ending(
        &self,
        user_id: &str,
        account: Option<&Account>,
        ending: &Ending,
        now: Timestamp,
    ) -> Result<Option<(Vec<SessionId>, u64)>, Error> {
        let (mut refused, mut read) = (None, account.map(as_stored).transpose()?);
        for _ in 0..RIVALS {
            let current = match read.take() {
                None => self.cold.account(user_id).await?,
                by_caller => by_caller,
            };
            let Some((account, map)) = current else { return Ok(None) };
            let as_read = (account.security_epoch, map);
            // Refused though neither has moved: a condition of the other writes did not hold.
            let other_epoch = ending.epoch.is_some_and(|epoch| epoch != account.security_epoch);
            if other_epoch || refused.as_ref() == Some(&as_read) {
                return Err(Error::Superseded);
            }
            let write = Write { account: &account, map: &as_read.1, ending };
            match dynamo::retry_conflicts(async || self.cold.end_all(&write, now).await).await {
                Ok(()) => {
                    log_revoked(user_id, ending.why, account.standing(now));
                    return Ok(Some((account.sessions.into_keys().collect(), account.security_epoch + 1)));
                }
                Err(dynamo::Error::Condition) => refused = Some(as_read),
                Err(error) => return Err(error.into()),
            }
        }
        Err(dynamo::Error::Conflict.into())
    }
}

/// An account with its map as this version stores it. If another version has stored it otherwise, the condition of the
/// write fails, and the map is read.
fn as_stored(account: &Account) -> Result<(Account, AttributeValue), Error> {
    let map = dynamo::encode(Account::TABLE, &account.sessions)?;
    Ok((account.clone(), AttributeValue::M(map)))
}
