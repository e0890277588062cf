use super::{Change, Ended, Ending, Sessions};
use crate::{Error, Kind, Token, Why, cold::Of, record::Row};
use jiff::Timestamp;

impl Sessions {
    /// Ends every session of the user whose token this is. `None`: the token is signed out and nothing is left to
    /// finish.
    ///
    /// A dead token may finish a sign-out everywhere that was committed, but never start one. If a sign-out everywhere
    /// ended the token's session, this call is a repeat: it finds the work done, or finishes it.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub async fn revoke_all(&self, token: &Token, now: Timestamp) -> Result<Option<Ended>, Error> {
        let id = token.id();
        let Some(row) = self.cold.row(&id, Kind::Browser).await? else {
            self.lay_to_rest(&id, None, now).await?;
            return Ok(None);
        };
        if !row.is_alive(now) {
            return self.finish_for(&row, now).await;
        }
        let user_id = &row.record.user_id;
        let ending = Ending { why: Why::LogoutAll, epoch: None, change: Change::Nothing, also: Vec::new() };
        let (mut ids, epoch) = self.commit_ending(user_id, None, &ending, now).await?.unwrap_or_default();
        if !ids.contains(&id) {
            // The user's row is gone: the caller must not be told that nothing was alive while its own session is.
            self.mark(&id, Of::Kind(Kind::Browser), Why::LogoutAll, now).await?;
            ids.push(id);
        }
        self.finish(user_id, &ids).await?;
        Ok(Some(Ended { user_id: user_id.clone(), sessions: ids.len(), epoch }))
    }

    /// A session that is over can only finish an ending.
    async fn finish_for(&self, row: &Row, now: Timestamp) -> Result<Option<Ended>, Error> {
        let finished = self.finish_user(&row.record.user_id).await?;
        self.lay_to_rest(&row.session_id, Some(row), now).await?;
        let is_repeat = row.revoked_why.as_deref() == Some(Why::LogoutAll.as_str());
        Ok((is_repeat || finished.sessions > 0).then_some(finished))
    }
}
