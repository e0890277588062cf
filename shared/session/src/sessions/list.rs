use super::Sessions;
use crate::{
    Error, Kind, Record, SessionId, Why,
    cold::{Of, Over},
    record::Row,
};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

/// How many sessions end at once: more would be held back by the connections that they need.
const AT_ONCE: usize = 8;

/// A session as its user sees it from any of their sessions.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The public handle.
    pub id: SessionId,
    /// What was fixed at its creation.
    pub record: Record,
    /// When it ends if it is not used again: the idle expiry, or the absolute one if that is sooner.
    pub expires_at: Timestamp,
    /// When it was last renewed or refreshed. A use since then may not have renewed it.
    pub last_seen_at: Timestamp,
    /// The client's address at sign-in.
    pub ip: Option<String>,
    /// The `User-Agent` at sign-in.
    pub user_agent: Option<String>,
    /// The user's name for the device, for kind `device`.
    pub device_name: Option<String>,
}

impl Sessions {
    /// The live sessions of a user, the most recently seen first.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say.
    pub async fn list(&self, user_id: &str, now: Timestamp) -> Result<Vec<Listed>, Error> {
        let Some((account, _)) = self.cold.account(user_id).await? else { return Ok(Vec::new()) };
        let rows = self.cold.rows(account.sessions.keys()).await?;
        let alive = rows.into_iter().filter(|row| row.record.user_id == user_id && row.is_alive(now));
        let mut listed: Vec<_> = alive.map(Listed::of).collect();
        listed.sort_by(|one, other| other.last_seen_at.cmp(&one.last_seen_at).then(one.id.cmp(&other.id)));
        Ok(listed)
    }

    /// Ends one session of this user, of either kind: `None` when the user never had such a session. If it has already
    /// ended, the ending is finished and reported again.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub async fn end_one(
        &self,
        user_id: &str,
        id: &SessionId,
        why: Why,
        now: Timestamp,
    ) -> Result<Option<Record>, Error> {
        Ok(self.end(id, Of::User(user_id), why, now).await?.map(|row| row.record))
    }

    /// Ends every session of this user but one, and returns how many. They end side by side, each by a write of its
    /// own, and the epoch stays, so the session that is kept stays valid.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke); those that have ended are finished all the same, and a repeat ends the rest.
    pub async fn end_others(&self, user_id: &str, keep: &SessionId, now: Timestamp) -> Result<usize, Error> {
        let Some((account, _)) = self.cold.account(user_id).await? else { return Ok(0) };
        let others = account.sessions.into_keys().filter(|id| id != keep);
        let marking = stream::iter(others)
            .map(async |id| self.mark(&id, Of::User(user_id), Why::Ended, now).await)
            .buffer_unordered(AT_ONCE);
        // Waits for all of them: a write that is given up on its way may still end a session.
        let (over, failed): (Vec<_>, Vec<_>) = marking.collect::<Vec<_>>().await.into_iter().partition(Result::is_ok);
        let over: Vec<Over> = over.into_iter().filter_map(|over| over.ok().flatten()).collect();
        self.finish_rows(user_id, &over).await?;
        match failed.into_iter().find_map(Result::err) {
            Some(error) => Err(error),
            None => Ok(over.iter().filter(|over| over.was_alive(now)).count()),
        }
    }

    /// Finishes sessions that are over. One that was revoked before but is still in the map may have a hot copy, so it is
    /// finished too.
    async fn finish_rows(&self, user_id: &str, over: &[Over]) -> Result<(), Error> {
        let browsers = over.iter().filter(|over| over.row.record.kind == Kind::Browser);
        self.bury(&browsers.map(|over| over.row.session_id.clone()).collect::<Vec<_>>()).await?;
        let ids: Vec<_> = over.iter().map(|over| over.row.session_id.clone()).collect();
        self.tidy(user_id, &ids).await;
        Ok(())
    }
}

impl Listed {
    fn of(row: Row) -> Self {
        Self {
            id: row.session_id,
            expires_at: row.idle_expires_at.min(row.record.absolute_expires_at),
            last_seen_at: row.last_seen_at,
            ip: row.ip,
            user_agent: row.user_agent,
            device_name: row.device.filter(|_| row.record.kind == Kind::Device).map(|device| device.name),
            record: row.record,
        }
    }
}
