use super::Sessions;
use crate::{Account, Error, SessionId, Token, cold::Why};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

/// A sign-out everywhere that is finished.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whose sessions ended.
    pub user_id: String,
    /// How many.
    pub sessions: usize,
}

impl Sessions {
    /// Ends every session of the user whose token this is: `None` when the token is signed out and nothing is left
    /// to finish.
    ///
    /// A dead token may finish a sign-out everywhere that was committed but not finished, never start one.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub async fn revoke_all(&self, token: &Token, now: Timestamp) -> Result<Option<Ended>, Error> {
        let Some(row) = self.cold.row(&token.id()).await? else { return Ok(None) };
        let user_id = row.record.user_id.clone();
        let alive = row.is_alive(now);
        let mut ids = if alive { self.end_all(&user_id, now).await? } else { self.left_of(&user_id).await? };
        if alive && !ids.contains(&row.session_id) {
            // The user's row is gone: the caller must not be told that nothing was alive while its own session is.
            self.cold.end(&row.session_id, Why::LogoutAll, now).await?;
            ids.push(row.session_id);
        }
        if ids.is_empty() {
            return Ok(None);
        }
        self.finish(&user_id, &ids).await?;
        Ok(Some(Ended { user_id, sessions: ids.len() }))
    }

    /// Tombstones first, then the map: an entry that is gone says that its tombstone is there.
    pub(super) async fn finish(&self, user_id: &str, ids: &[SessionId]) -> Result<(), Error> {
        self.bury(ids).await?;
        self.tidy(user_id, ids).await;
        Ok(())
    }

    /// Commits the end of every session in the map: the new epoch and all rows in one transaction, against the epoch
    /// and the map as they were read. Somebody who changed either in between makes it start over.
    async fn end_all(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionId>, Error> {
        let ended = dynamo::retry_conflicts(async || {
            let Some((account, map)) = self.cold.account(user_id).await? else { return Ok(Vec::new()) };
            match self.end_as_read(&account, map, now).await {
                Err(dynamo::Error::Condition) => Err(dynamo::Error::Conflict),
                Err(error) => Err(error),
                Ok(()) => Ok(account.sessions.into_keys().collect()),
            }
        });
        Ok(ended.await?)
    }

    async fn end_as_read(&self, account: &Account, map: AttributeValue, now: Timestamp) -> Result<(), dynamo::Error> {
        self.cold.end_all(account, map, &self.policy, now).await
    }

    async fn left_of(&self, user_id: &str) -> Result<Vec<SessionId>, Error> {
        let account = self.cold.account(user_id).await?;
        Ok(account.map(|(account, _)| account.unfinished()).unwrap_or_default())
    }
}
