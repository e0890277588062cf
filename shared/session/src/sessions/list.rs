use super::Sessions;
use crate::{Account, Error, Kind, Record, SessionId, Why, record::Row};
use jiff::Timestamp;

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
        let row = self.cold.row_of_any_kind(id).await?.filter(|row| row.record.user_id == user_id);
        let Some(row) = row else { return Ok(None) };
        Ok(Some(self.end(row, why, now).await?.record))
    }

    /// Ends every session of this user but one, and returns how many. They end one by one and the epoch stays, so the
    /// session that is kept stays valid.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke); the sessions before the one that failed have ended, and a repeat ends the rest.
    pub async fn end_others(&self, user_id: &str, keep: &SessionId, now: Timestamp) -> Result<usize, Error> {
        let Some((account, _)) = self.cold.account(user_id).await? else { return Ok(0) };
        let Account { sessions, .. } = account;
        let rows = self.cold.rows(sessions.keys().filter(|id| *id != keep)).await?;
        let mut ended = 0;
        // Sessions that are revoked but still in the map may have a hot copy: they are finished too.
        for row in rows.into_iter().filter(|row| row.record.user_id == user_id) {
            ended += usize::from(row.is_alive(now));
            self.end(row, Why::Ended, now).await?;
        }
        Ok(ended)
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
