use super::{Sessions, revoke::tell};
use crate::{Error, SessionId, Why, cold::Write};
use aws_sdk_dynamodb::types::TransactWriteItem;
use jiff::Timestamp;

/// How many logins and logouts of the same user may come in between. Each that does has got its way.
const RIVALS: usize = 64;

/// Why every session of a user ends, and what is written in the same transaction.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The reason that the rows keep.
    pub why: Why,
    /// The epoch under which the ending was decided; `None`: under whichever it is.
    pub epoch: Option<u64>,
    /// What becomes of the user's row.
    pub change: Change,
    /// At most three writes to other tables, each with its own condition.
    pub also: Vec<TransactWriteItem>,
}

/// What else happens to a user whose sessions end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Nothing,
    /// The account admits nobody any more.
    Disable,
    /// The user may do this and nothing else.
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
    /// [`Error::Superseded`] when there is no such user, the epoch is another, or a condition of what else is written does
    /// not hold: nothing was written. [`Error::Store`] when DynamoDB cannot say, so that it may be committed;
    /// [`Error::Unfinished`] when it is, but Redis may still serve the sessions. After either of these two
    /// [`finish_user`](Self::finish_user) does what is missing.
    pub async fn end_user(&self, user_id: &str, ending: Ending, now: Timestamp) -> Result<Ended, Error> {
        let (ids, epoch) = self.commit_ending(user_id, &ending, now).await?.ok_or(Error::Superseded)?;
        self.finish(user_id, &ids).await?;
        Ok(Ended { user_id: user_id.to_owned(), sessions: ids.len(), epoch })
    }

    /// Finishes an ending that was committed; with nothing to finish it counts no session.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub async fn finish_user(&self, user_id: &str) -> Result<Ended, Error> {
        let account = self.cold.account(user_id).await?.map(|(account, _)| account);
        let left = account.as_ref().map(crate::Account::unfinished).unwrap_or_default();
        if !left.is_empty() {
            self.finish(user_id, &left).await?;
        }
        let epoch = account.map_or(0, |account| account.security_epoch);
        Ok(Ended { user_id: user_id.to_owned(), sessions: left.len(), epoch })
    }

    /// Tombstones first, then the map: an entry that is gone says that its tombstone is there.
    pub(super) async fn finish(&self, user_id: &str, ids: &[SessionId]) -> Result<(), Error> {
        self.bury(ids).await?;
        self.tidy(user_id, ids).await;
        Ok(())
    }

    /// The new epoch, all rows and what else is written in one transaction, against the epoch and the map as they were
    /// read. Somebody who changed either in between makes it start over; `None`: there is no such user. Returns what is to
    /// be finished, and the epoch.
    pub(super) async fn commit_ending(
        &self,
        user_id: &str,
        ending: &Ending,
        now: Timestamp,
    ) -> Result<Option<(Vec<SessionId>, u64)>, Error> {
        let mut refused = None;
        for _ in 0..RIVALS {
            let Some((account, map)) = self.cold.account(user_id).await? else { return Ok(None) };
            let as_read = (account.security_epoch, map);
            // Refused though neither has moved: it was a condition of what else is written.
            let other_epoch = ending.epoch.is_some_and(|epoch| epoch != account.security_epoch);
            if other_epoch || refused.as_ref() == Some(&as_read) {
                return Err(Error::Superseded);
            }
            let write = Write { account: &account, map: &as_read.1, ending };
            match dynamo::retry_conflicts(async || self.cold.end_all(&write, now).await).await {
                Ok(()) => {
                    tell(user_id, ending.why, account.standing(now));
                    return Ok(Some((account.sessions.into_keys().collect(), account.security_epoch + 1)));
                }
                Err(dynamo::Error::Condition) => refused = Some(as_read),
                Err(error) => return Err(error.into()),
            }
        }
        Err(dynamo::Error::Conflict.into())
    }
}
