use super::Sessions;
use crate::{
    Error, Hot, Kind, Session, Token,
    hot::Look,
    policy::{later, until},
    record::{Record, Row},
};
use jiff::Timestamp;
use std::time::Duration;

/// Whether a use of the session moves its idle expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slide {
    /// It does, once `renew_after` has passed since the last time.
    Yes,
    /// It does not; but at the same moments the row is asked for proof that the session still lives, because a Redis
    /// that lost a tombstone would otherwise serve a poller for as long as it polls.
    No,
}

impl Sessions {
    /// Who presents this token: `None` when the session is absent, expired or revoked.
    ///
    /// One Redis round trip and nothing else while the session is warm. A miss is restored from the row, and a Redis
    /// that fails is replaced by the row.
    ///
    /// # Errors
    /// [`Error::Store`] when neither store can tell, or the row that was asked cannot be read.
    pub async fn authenticate(&self, token: &Token, slide: Slide, now: Timestamp) -> Result<Option<Session>, Error> {
        let Some(hot) = &self.hot else { return self.by_row(token, slide, now).await };
        match hot.look(&token.id()).await {
            Ok(Look::Tombstone) => Ok(None),
            Ok(Look::Live(record, left)) => self.by_record(hot, token, *record, left, slide, now).await,
            Ok(Look::Absent) => self.restore(hot, token, slide, now).await,
            Err(error) => {
                tracing::warn!(target: "session", event = "fallback", %error, "Redis cannot be asked, the session row is");
                self.by_row(token, slide, now).await
            }
        }
    }

    async fn by_record(
        &self,
        hot: &Hot,
        token: &Token,
        record: Record,
        left: Duration,
        slide: Slide,
        now: Timestamp,
    ) -> Result<Option<Session>, Error> {
        if record.absolute_expires_at <= now {
            return Ok(None);
        }
        let session = Session::new(token.id(), record, later(now, left));
        if !self.policy.renewal_is_due(left) {
            return Ok(Some(session));
        }
        let proven = match slide {
            Slide::Yes => self.cold.renew(&session.id, self.policy.idle_expiry(Kind::Browser, now), now).await,
            Slide::No => {
                let row = self.cold.dynamo.briefly(self.cold.row(&session.id)).await;
                row.map(|row| row.is_some_and(|row| row.revoked_at.is_none()))
            }
        };
        match proven {
            Ok(true) if slide == Slide::Yes => Ok(Some(self.extended(session, now).await)),
            Ok(true) => Ok(Some(session)),
            Ok(false) => {
                self.bury_lost(hot, token).await;
                Ok(None)
            }
            Err(error @ dynamo::Error::Corrupt { .. }) => Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "a renewal is skipped, the session is served from Redis");
                Ok(Some(session))
            }
        }
    }

    /// A miss: one consistent read of the row. Nothing is stored for a dead or made-up token, so that it costs a read
    /// and no memory.
    async fn restore(&self, hot: &Hot, token: &Token, slide: Slide, now: Timestamp) -> Result<Option<Session>, Error> {
        let Some(row) = self.living(token, now).await? else { return Ok(None) };
        match hot.keep(&row.session_id, &row.record, row.idle_expires_at).await {
            Ok(true) => tracing::info!(target: "session", event = "restored", session_id = %row.session_id),
            // Another request was first, or a tombstone is there.
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "a session is served from its row, Redis did not take it back"),
        }
        self.by_living_row(token, row, slide, now).await
    }

    /// Without a hot tier, or instead of a broken one.
    async fn by_row(&self, token: &Token, slide: Slide, now: Timestamp) -> Result<Option<Session>, Error> {
        let Some(row) = self.living(token, now).await? else { return Ok(None) };
        self.by_living_row(token, row, slide, now).await
    }

    async fn by_living_row(
        &self,
        token: &Token,
        row: Row,
        slide: Slide,
        now: Timestamp,
    ) -> Result<Option<Session>, Error> {
        let due = self.policy.renewal_is_due(until(row.idle_expires_at, now));
        let session = Session::new(token.id(), row.record, row.idle_expires_at);
        if slide == Slide::No || !due {
            return Ok(Some(session));
        }
        match self.cold.renew(&session.id, self.policy.idle_expiry(Kind::Browser, now), now).await {
            Ok(true) => Ok(Some(self.extended(session, now).await)),
            Ok(false) => Ok(None),
            Err(error) => {
                tracing::warn!(%error, "a renewal is skipped, the session is served from its row");
                Ok(Some(session))
            }
        }
    }

    /// The family half of a refresh token has the form of a token, but it is none for a browser.
    async fn living(&self, token: &Token, now: Timestamp) -> Result<Option<Row>, Error> {
        let row = self.cold.row(&token.id()).await?;
        Ok(row.filter(|row| row.record.kind == Kind::Browser && row.is_alive(now)))
    }

    /// The row was renewed: move the hot copy's expiry too. Failing costs nothing, the session is due again.
    async fn extended(&self, session: Session, now: Timestamp) -> Session {
        let idle_expires_at = self.policy.idle_expiry(Kind::Browser, now);
        if let Some(hot) = &self.hot
            && let Err(error) = hot.extend(&session.id, idle_expires_at).await
        {
            tracing::warn!(%error, "Redis did not take a renewal");
        }
        let expires_at = idle_expires_at.min(session.record.absolute_expires_at);
        Session { expires_at, renewed: true, ..session }
    }

    /// The row is dead though the hot copy lives: Redis lost the tombstone.
    async fn bury_lost(&self, hot: &Hot, token: &Token) {
        if let Err(error) = hot.bury(&[token.id()], self.policy.tombstone_life()).await {
            tracing::warn!(%error, "Redis keeps a revoked session for now");
        }
    }
}
