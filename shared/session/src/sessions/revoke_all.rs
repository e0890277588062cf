use super::{Change, Ended, Ending, Sessions, revoke::tell};
use crate::{Error, Token, Why};
use jiff::Timestamp;

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
        let user_id = &row.record.user_id;
        if !row.is_alive(now) {
            let finished = self.finish_user(user_id).await?;
            return Ok(Some(finished).filter(|finished| finished.sessions > 0));
        }
        let ending = Ending { why: Why::LogoutAll, epoch: None, change: Change::Nothing, also: Vec::new() };
        let (mut ids, epoch) = self.commit_ending(user_id, &ending, now).await?.unwrap_or_default();
        if !ids.contains(&row.session_id) {
            // The user's row is gone: the caller must not be told that nothing was alive while its own session is.
            if self.cold.end(&row.session_id, Why::LogoutAll, now).await? {
                tell(user_id, Why::LogoutAll, 1);
            }
            ids.push(row.session_id.clone());
        }
        self.finish(user_id, &ids).await?;
        Ok(Some(Ended { user_id: user_id.clone(), sessions: ids.len(), epoch }))
    }
}
