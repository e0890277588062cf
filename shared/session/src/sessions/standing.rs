use super::Sessions;
use crate::{Error, Kind, Record, Session, Token, record::Row};
use jiff::Timestamp;

/// What the row says about a browser's session.
#[derive(Debug)]
pub enum Standing {
    /// It lives.
    Live(Box<Session>),
    /// It is over.
    Ended {
        /// What was fixed at its creation.
        record: Box<Record>,
        /// The reason, unless it expired.
        why: Option<String>,
        /// When it was ended, unless it expired.
        revoked_at: Option<Timestamp>,
    },
    /// It never existed.
    Absent,
}

impl Sessions {
    /// Decides from the row rather than from the hot copy, and describes a session that is over: the request may repeat
    /// the one that ended it. Moves no expiry.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say.
    pub async fn standing(&self, token: &Token, now: Timestamp) -> Result<Standing, Error> {
        let id = token.id();
        let row = self.cold.row(&id, Kind::Browser).await?;
        if !row.as_ref().is_some_and(|row| row.is_alive(now)) {
            self.lay_to_rest_quietly(&id, row.as_ref(), now).await;
        }
        Ok(match row {
            None => Standing::Absent,
            Some(row) if row.is_alive(now) => {
                Standing::Live(Box::new(Session::new(row.session_id, row.record, row.idle_expires_at)))
            }
            Some(Row { record, revoked_why: why, revoked_at, .. }) => {
                Standing::Ended { record: Box::new(record), why, revoked_at }
            }
        })
    }
}
