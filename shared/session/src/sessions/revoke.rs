use super::Sessions;
use crate::{
    Error, Kind, SessionId, Token, Why,
    record::{Record, Row},
};
use jiff::Timestamp;

impl Sessions {
    /// Ends the session of this token, and returns whose it was: `None` when no such session was ever stored.
    ///
    /// Decided from the row, not from the hot copy: a session that is ended already is finished and reported again,
    /// so that a repeat after a failure completes what is missing.
    ///
    /// # Errors
    /// [`Error::Store`] when nothing is known to have changed; [`Error::Unfinished`] when the session is ended but
    /// Redis may still serve it. Either way the caller keeps the cookie and repeats.
    pub async fn revoke(&self, token: &Token, now: Timestamp) -> Result<Option<Record>, Error> {
        let ended = self.end(&token.id(), Some(Kind::Browser), Why::Logout, now).await?;
        Ok(ended.map(|row| row.record))
    }

    /// Ends the session with this id, if it is of this kind where one is given.
    pub(super) async fn end(
        &self,
        id: &SessionId,
        kind: Option<Kind>,
        why: Why,
        now: Timestamp,
    ) -> Result<Option<Row>, Error> {
        let Some(row) = self.mark(id, kind, why, now).await? else { return Ok(None) };
        self.finish_row(&row).await?;
        Ok(Some(row))
    }

    /// Ends one session: the row first (the commit point), then the tombstone, then the user's map.
    pub(super) async fn end_row(&self, row: &Row, why: Why, now: Timestamp) -> Result<(), Error> {
        self.mark_row(row, why, now).await?;
        self.finish_row(row).await
    }

    /// The first half of [`end`](Self::end), on DynamoDB alone: from then on the row says that the session is over.
    pub(super) async fn mark(
        &self,
        id: &SessionId,
        kind: Option<Kind>,
        why: Why,
        now: Timestamp,
    ) -> Result<Option<Row>, dynamo::Error> {
        let row = self.cold.row(id).await?.filter(|row| kind.is_none_or(|kind| row.record.kind == kind));
        if let Some(row) = &row {
            self.mark_row(row, why, now).await?;
        }
        Ok(row)
    }

    async fn mark_row(&self, row: &Row, why: Why, now: Timestamp) -> Result<(), dynamo::Error> {
        if row.revoked_at.is_none() && self.cold.end(&row.session_id, why, now).await? {
            tell(&row.record.user_id, why, 1);
        }
        Ok(())
    }

    /// The second half: the tombstone, then the user's map. A device has no hot copy to bury.
    pub(super) async fn finish_row(&self, row: &Row) -> Result<(), Error> {
        let ids = std::slice::from_ref(&row.session_id);
        if row.record.kind == Kind::Browser {
            self.bury(ids).await?;
        }
        self.tidy(&row.record.user_id, ids).await;
        Ok(())
    }
}

/// One line for the sessions that a write has ended. Whoever only finishes what others have committed ends none. It counts
/// what stands in the user's map: a session that went idle there, or was ended but not taken out, is among them.
pub(super) fn tell(user_id: &str, why: Why, sessions: usize) {
    if sessions > 0 {
        tracing::info!(target: "session", event = "revoked", user_id, why = why.as_str(), sessions);
    }
}
