use super::{Begun, Login, Sessions};
use crate::{
    Error, Kind, Record, RefreshToken, Session, Why,
    cold::{Of, new_row},
    record::{Device, Row},
};
use jiff::Timestamp;

impl Sessions {
    /// Begins a session for a device that is called `name`. Only DynamoDB is used: there is no hot copy, and a session
    /// that the login presented is left alone.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub async fn create_device(
        &self,
        login: Login<'_>,
        name: String,
        now: Timestamp,
    ) -> Result<(RefreshToken, Session), Error> {
        Ok(self.complete(self.begin_device(login, name, now).await?).await)
    }

    /// As [`begin`](Self::begin), for a device.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub async fn begin_device<'a>(
        &self,
        login: Login<'a>,
        name: String,
        now: Timestamp,
    ) -> Result<Begun<'a, RefreshToken>, Error> {
        let token = RefreshToken::generate()?;
        let (id, current) = (token.id(), token.hash());
        let device = Device { name, current, previous: None, sealed: None, rotated_at: now, shown: false };
        let login = Login { presented: None, ..login };
        let row = |record, client| Row { device: Some(device), ..new_row(id, record, client, &self.policy) };
        self.commit_login(login, token, Kind::Device, now, row).await
    }

    /// Ends the session of this device, and returns whose it was: `None` when no such session was ever stored. A spent
    /// token of the family is accepted: its holder wants the session to end.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub async fn revoke_device(&self, token: &RefreshToken, now: Timestamp) -> Result<Option<Record>, Error> {
        let ended = self.end(&token.id(), Of::Kind(Kind::Device), Why::Logout, now).await?;
        Ok(ended.map(|row| row.record))
    }
}
