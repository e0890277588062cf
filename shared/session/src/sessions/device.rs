use super::{Login, Sessions};
use crate::{
    Error, Kind, Record, RefreshToken, Session, Why,
    cold::new_row,
    record::{Device, Row},
};
use jiff::Timestamp;

impl Sessions {
    /// Begins a session for a device that is called `name`. Only DynamoDB is used: there is no hot copy, and a session
    /// that the login presented is left alone.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn create_device(
        &self,
        login: Login<'_>,
        name: String,
        now: Timestamp,
    ) -> Result<(RefreshToken, Session), Error> {
        let token = RefreshToken::generate()?;
        let device =
            Device { name, current: token.hash(), previous: None, sealed: None, rotated_at: now, shown: false };
        let login = Login { presented: None, ..login };
        let row = self.begin(login, Kind::Device, now, |record, client| Row {
            device: Some(device),
            ..new_row(token.id(), record, client, &self.policy)
        });
        let (row, _) = row.await?;
        Ok((token, Session::new(row.session_id, row.record, row.idle_expires_at)))
    }

    /// Ends the session of this device, and returns whose it was: `None` when no such session was ever stored. A spent
    /// token of the family is accepted: its holder wants the session to end.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub async fn revoke_device(&self, token: &RefreshToken, now: Timestamp) -> Result<Option<Record>, Error> {
        let Some(row) = self.cold.row(&token.id(), Kind::Device).await? else { return Ok(None) };
        Ok(Some(self.end(row, Why::Logout, now).await?.record))
    }
}
