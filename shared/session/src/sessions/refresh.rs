use super::Sessions;
use crate::{
    Error, Kind, Record, RefreshToken, Session, Why,
    cold::Of,
    record::{Device, Row},
};
use jiff::{SignedDuration, Timestamp};

/// The outcome when a refresh token is shown.
#[derive(Debug)]
pub enum Refresh {
    /// The session lives.
    Granted {
        /// The token to show next time, which may be the same.
        token: RefreshToken,
        /// The session.
        session: Box<Session>,
        /// Whether the token replaced a successor that was never shown. Either an answer was lost for longer than the
        /// grace, or a thief holds a token of the family.
        replaced: bool,
    },
    /// The token was spent before: two parties hold the family, so it has been ended.
    Reused(Box<Record>),
    /// No such session, or it has ended.
    SignedOut,
}

enum Step {
    Done(Refresh),
    /// Another refresh came first: its result has to be read.
    Overtaken,
}

impl Sessions {
    /// Spends a refresh token (RFC 9700, section 4.14.2). If the current token is older than the grace, one conditional
    /// write replaces it; a younger one is returned unchanged.
    ///
    /// The previous token returns the current one while that is younger than the grace: two requests came at once, or
    /// an answer was lost. After the grace, if the current token was never shown, the previous token gets a new one in
    /// its place: the answer was lost for longer, and an honest device must not be signed out. If two parties hold the
    /// family, this shows when the replaced token is used.
    ///
    /// Any other token ends the session.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say. The token may be spent then: a repeat gets its successor.
    pub async fn refresh(&self, token: &RefreshToken, now: Timestamp) -> Result<Refresh, Error> {
        // An overtaken request finds, the second time, that its token is the previous one.
        for _ in 0..3 {
            match self.refresh_once(token, now).await? {
                Step::Done(refresh) => return Ok(refresh),
                Step::Overtaken => {}
            }
        }
        Err(dynamo::Error::Conflict.into())
    }

    async fn refresh_once(&self, token: &RefreshToken, now: Timestamp) -> Result<Step, Error> {
        let alive = self.cold.row(&token.id(), Kind::Device).await?.filter(|row| row.is_alive(now));
        let Some((row, device)) = alive.and_then(|row| row.device.clone().map(|device| (row, device))) else {
            return Ok(Step::Done(Refresh::SignedOut));
        };
        let hash = token.hash();
        let is_young = self.is_young(&device, now);
        match (hash == device.current, device.previous.as_ref() == Some(&hash)) {
            (true, _) if is_young => self.hand_back(token, row, &device).await,
            (true, _) => self.rotate(token, row, device, now).await,
            (_, true) if is_young => hand_on(token, row, &device),
            (_, true) if !device.shown => self.replace_unused(token, row, device, now).await,
            _ => {
                self.end(&row.session_id, Of::Kind(Kind::Device), Why::Reused, now).await?;
                Ok(Step::Done(Refresh::Reused(Box::new(row.record))))
            }
        }
    }

    /// Whether the current half was made within the grace. One that was made in the future counts as young: clocks
    /// differ.
    fn is_young(&self, device: &Device, now: Timestamp) -> bool {
        let grace = self.policy.device_grace.try_into().unwrap_or(SignedDuration::MAX);
        now.duration_since(device.rotated_at) < grace
    }

    /// Returns the current half unrotated. The first time is noted: the device has this half, so the previous one is
    /// spent.
    async fn hand_back(&self, token: &RefreshToken, row: Row, device: &Device) -> Result<Step, Error> {
        if device.previous.is_some() && !device.shown {
            match self.cold.note_shown(&row).await {
                Ok(()) => {}
                Err(dynamo::Error::Condition) => return Ok(Step::Overtaken),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(granted(token.clone(), row, false))
    }

    async fn rotate(&self, token: &RefreshToken, row: Row, device: Device, now: Timestamp) -> Result<Step, Error> {
        let (successor, sealed) = token.successor(false)?;
        let previous = Some(device.current);
        let device = Device {
            current: successor.hash(),
            previous,
            sealed: Some(sealed),
            rotated_at: now,
            shown: false,
            ..device
        };
        self.commit(successor, row, device, false).await
    }

    async fn replace_unused(
        &self,
        token: &RefreshToken,
        row: Row,
        device: Device,
        now: Timestamp,
    ) -> Result<Step, Error> {
        let (successor, sealed) = token.successor(true)?;
        let device = Device { current: successor.hash(), sealed: Some(sealed), rotated_at: now, ..device };
        self.commit(successor, row, device, true).await
    }

    async fn commit(&self, successor: RefreshToken, row: Row, device: Device, replaced: bool) -> Result<Step, Error> {
        let idle_expires_at = self.policy.idle_expiry(Kind::Device, device.rotated_at);
        match self.cold.rotate(&row, device, idle_expires_at).await {
            Ok(()) => Ok(granted(successor, Row { idle_expires_at, ..row }, replaced)),
            Err(dynamo::Error::Condition) => Ok(Step::Overtaken),
            Err(error) => Err(error.into()),
        }
    }
}

/// Returns the successor that was sealed for this token. This code never writes a row whose seal opens to a token other
/// than the current one: its content must not be given out, and showing it would end the family.
fn hand_on(token: &RefreshToken, row: Row, device: &Device) -> Result<Step, Error> {
    let successor = device.sealed.as_deref().and_then(|sealed| token.unseal(sealed, &device.current));
    let corrupt = || dynamo::Error::corrupt("sessions", "what is sealed is not the current half");
    Ok(granted(successor.ok_or_else(corrupt)?, row, false))
}

fn granted(token: RefreshToken, row: Row, replaced: bool) -> Step {
    let session = Box::new(Session::new(row.session_id, row.record, row.idle_expires_at));
    Step::Done(Refresh::Granted { token, session, replaced })
}
