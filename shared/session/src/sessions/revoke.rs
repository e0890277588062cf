use super::Sessions;
use crate::{
    Error, Kind, Token, Why,
    record::{Record, Row},
};
use jiff::Timestamp;

/// A session that is over, ended by this call or before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// What was fixed at its creation.
    pub record: Record,
    /// Whether it ended because another session took its place in the browser, which holds that one's cookie or is about to.
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
    /// Decided from the row, not from the hot copy: a session that is ended already is finished and reported again,
    /// so that a repeat after a failure completes what is missing.
    ///
    /// # Errors
    /// [`Error::Store`] when nothing is known to have changed; [`Error::Unfinished`] when the session is ended but
    /// Redis may still serve it. Either way the caller keeps the cookie and repeats.
    pub async fn revoke(&self, token: &Token, now: Timestamp) -> Result<Option<Left>, Error> {
        let id = token.id();
        let Some(row) = self.cold.row(&id, Kind::Browser).await? else {
            self.lay_to_rest(&id, None, now).await?;
            return Ok(None);
        };
        Ok(Some(Left::of(self.end(row, Why::Logout, now).await?)))
    }

    /// Ends one session, and returns its row as it is then.
    pub(super) async fn end(&self, row: Row, why: Why, now: Timestamp) -> Result<Row, Error> {
        let row = self.mark(row, why, now).await?;
        self.finish_row(&row).await?;
        Ok(row)
    }

    /// The row first: the commit point. Where another request was first, what it wrote says why and when.
    pub(super) async fn mark(&self, row: Row, why: Why, now: Timestamp) -> Result<Row, Error> {
        if row.revoked_at.is_some() {
            return Ok(row);
        }
        if let Some(ended) = self.cold.end(&row.session_id, why, now).await? {
            tell(&ended.record.user_id, why, 1);
            return Ok(ended);
        }
        let as_it_is = self.cold.row(&row.session_id, row.record.kind).await?;
        Ok(as_it_is.unwrap_or(row))
    }

    /// Then the tombstone, then the user's map. A device has no hot copy to bury.
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
