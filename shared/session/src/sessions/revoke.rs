use super::Sessions;
use crate::{
    Error, SessionId, Token,
    cold::Why,
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
        let ended = self.end(&token.id(), Why::Logout, now).await?;
        Ok(ended.map(|row| row.record))
    }

    /// Ends one session: the row first (the commit point), then the tombstone, then the user's map.
    pub(super) async fn end(&self, id: &SessionId, why: Why, now: Timestamp) -> Result<Option<Row>, Error> {
        let Some(row) = self.cold.row(id).await? else { return Ok(None) };
        if row.revoked_at.is_none() {
            self.cold.end(id, why, now).await?;
        }
        self.bury(std::slice::from_ref(id)).await?;
        self.tidy(&row.record.user_id, std::slice::from_ref(id)).await;
        Ok(Some(row))
    }
}
