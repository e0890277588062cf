use super::Sessions;
use crate::{
    Error, Kind, SessionId, Token, Why,
    cold::{Of, Over},
    record::{Record, Row},
};
use jiff::Timestamp;

/// A session that is over, ended by this call or earlier.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// What was fixed at its creation.
    pub record: Record,
    /// Whether it ended because another session replaced it in the browser, which holds the new cookie or is about to.
    pub was_replaced: bool,
}

impl Left {
    pub(super) fn of(row: Row) -> Self {
        Self { was_replaced: row.was_replaced(), record: row.record }
    }
}

impl Sessions {
    /// Ends the session of this token, and returns whose it was: `None` when no such session was ever stored.
    ///
    /// The row decides, not the hot copy: if the session has already ended, the ending is finished and reported again.
    /// So a repeat after a failure completes what is missing.
    ///
    /// # Errors
    /// [`Error::Store`] when nothing is known to have changed; [`Error::Unfinished`] when the session is ended but
    /// Redis may still serve it. In both cases the caller keeps the cookie and repeats.
    pub async fn revoke(&self, token: &Token, now: Timestamp) -> Result<Option<Left>, Error> {
        let id = token.id();
        let ended = self.end(&id, Of::Kind(Kind::Browser), Why::Logout, now).await?;
        if ended.is_none() {
            self.lay_to_rest(&id, None, now).await?;
        }
        Ok(ended.map(Left::of))
    }

    /// Ends one session, and returns its row after that. `None`: there never was such a session.
    pub(super) async fn end(&self, id: &SessionId, of: Of<'_>, why: Why, now: Timestamp) -> Result<Option<Row>, Error> {
        let Some(Over { row, .. }) = self.mark(id, of, why, now).await? else { return Ok(None) };
        self.finish_row(&row).await?;
        Ok(Some(row))
    }

    /// Writes the row first: the commit point. If another request was first, its reason and time stay.
    pub(super) async fn mark(
        &self,
        id: &SessionId,
        of: Of<'_>,
        why: Why,
        now: Timestamp,
    ) -> Result<Option<Over>, Error> {
        let over = self.cold.end(id, of, why, now).await?;
        if let Some(over) = over.as_ref().filter(|over| over.is_new) {
            log_revoked(&over.row.record.user_id, why, 1);
        }
        Ok(over)
    }

    /// Writes the tombstone next, then the user's map. A device has no hot copy to bury.
    pub(super) async fn finish_row(&self, row: &Row) -> Result<(), Error> {
        let ids = std::slice::from_ref(&row.session_id);
        if row.record.kind == Kind::Browser {
            self.bury(ids).await?;
        }
        self.tidy(&row.record.user_id, ids).await;
        Ok(())
    }
}

/// Logs one line for the sessions that a write has ended. Finishing another request's ending logs nothing. The count is
/// that of the user's map, so it includes sessions that went idle, or ended and were not taken out.
pub(super) fn log_revoked(user_id: &str, why: Why, sessions: usize) {
    if sessions > 0 {
        tracing::info!(target: "session", event = "revoked", user_id, why = why.as_str(), sessions);
    }
}
