use super::Sessions;
use crate::{
    Error, Kind, Record, RefreshToken, Session, Why,
    record::{Device, Row},
};
use jiff::Timestamp;

/// What becomes of a refresh token that is shown.
#[derive(Debug)]
pub enum Refresh {
    /// The session lives: the token to show next time, which may be the same.
    Granted(RefreshToken, Box<Session>),
    /// The token was spent before: two parties hold the family, so it has been ended.
    Reused(Box<Record>),
    /// No such session, or it has ended.
    SignedOut,
}

enum Step {
    Done(Refresh),
    /// Another refresh came first: what it left has to be read.
    Overtaken,
}

impl Sessions {
    /// Spends a refresh token (RFC 9700, section 4.14.2). One that is older than the grace is replaced by one conditional
    /// write; a younger one comes back as it is; the one before the current leads to the current one as long as that is
    /// younger than the grace, so that an answer that was lost can be asked for again. Any other ends the session.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say. The token may be spent then: a repeat within the grace gets its successor.
    pub async fn refresh(&self, token: &RefreshToken, now: Timestamp) -> Result<Refresh, Error> {
        // Whoever is overtaken finds, the second time, that its token is the one before the current.
        for _ in 0..3 {
            match self.refresh_once(token, now).await? {
                Step::Done(refresh) => return Ok(refresh),
                Step::Overtaken => {}
            }
        }
        Err(dynamo::Error::Conflict.into())
    }

    async fn refresh_once(&self, token: &RefreshToken, now: Timestamp) -> Result<Step, Error> {
        let row = self.cold.row(&token.id()).await?;
        let alive = row.filter(|row| row.record.kind == Kind::Device && row.is_alive(now));
        let Some((row, device)) = alive.and_then(|row| row.device.clone().map(|device| (row, device))) else {
            return Ok(Step::Done(Refresh::SignedOut));
        };
        let hash = token.hash();
        let age = now.duration_since(device.rotated_at);
        let young = age < self.policy.device_grace.try_into().unwrap_or(jiff::SignedDuration::MAX);
        if hash == device.current {
            return if young { Ok(granted(token.clone(), row)) } else { self.rotate(token, row, device, now).await };
        }
        let successor = device.sealed.as_deref().and_then(|sealed| token.unseal(sealed));
        match successor {
            Some(successor) if young && device.previous.as_ref() == Some(&hash) => Ok(granted(successor, row)),
            _ => {
                self.end(&row.session_id, Some(Kind::Device), Why::Reused, now).await?;
                Ok(Step::Done(Refresh::Reused(Box::new(row.record))))
            }
        }
    }

    async fn rotate(&self, token: &RefreshToken, row: Row, device: Device, now: Timestamp) -> Result<Step, Error> {
        let (successor, sealed) = token.successor()?;
        let device = Device {
            current: successor.hash(),
            previous: Some(device.current),
            sealed: Some(sealed),
            rotated_at: now,
            ..device
        };
        let idle_expires_at = self.policy.idle_expiry(Kind::Device, now);
        match self.cold.rotate(&row, device, idle_expires_at).await {
            Ok(()) => Ok(granted(successor, Row { idle_expires_at, ..row })),
            Err(dynamo::Error::Condition) => Ok(Step::Overtaken),
            Err(error) => Err(error.into()),
        }
    }
}

fn granted(token: RefreshToken, row: Row) -> Step {
    let session = Session::new(row.session_id, row.record, row.idle_expires_at);
    Step::Done(Refresh::Granted(token, Box::new(session)))
}
