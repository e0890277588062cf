use super::Sessions;
use crate::{
    Error, Hot, Kind, Session, SessionId, Token,
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

/// Who wrote what Redis holds for a session, if it holds something.
///
/// Instances of two versions run at once while one takes the other's place. A foreign copy is left to those that can read
/// it. A request that finds one does not move its expiry, so it makes room for one of ours within the idle time; only
/// [`prove`](Sessions::prove), which does not look, moves it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    Ours,
    Foreign,
}

impl Sessions {
    /// Who presents this token: `None` when the session is absent, expired or revoked.
    ///
    /// One Redis round trip and nothing else while the session is warm. A miss is restored from the row; if Redis fails, the
    /// row is read instead.
    ///
    /// # Errors
    /// [`Error::Store`] when neither store can tell, or the row that was asked cannot be read.
    pub async fn authenticate(&self, token: &Token, slide: Slide, now: Timestamp) -> Result<Option<Session>, Error> {
        let id = token.id();
        let Some(hot) = &self.hot else { return Box::pin(self.by_row(&id, slide, now, Writer::Ours)).await };
        // What asks DynamoDB is boxed, here and below: its futures take kilobytes, and every request would move them.
        match hot.look(&id).await {
            Ok(Look::Tombstone) => Ok(None),
            Ok(Look::Live(record, left)) => self.by_record(id, *record, left, slide, now).await,
            Ok(Look::Absent) => Box::pin(self.restore(hot, &id, slide, now)).await,
            Ok(Look::Foreign) => Box::pin(self.by_row(&id, slide, now, Writer::Foreign)).await,
            Err(error) => {
                tracing::warn!(target: "session", event = "fallback", error = &error as &dyn std::error::Error, "Redis cannot be asked, the session row is");
                Box::pin(self.by_row(&id, slide, now, Writer::Ours)).await
            }
        }
    }

    /// As [`authenticate`](Self::authenticate), but decided from the row, without asking Redis: for what outlives the request,
    /// such as a JWT.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say.
    pub async fn prove(&self, token: &Token, slide: Slide, now: Timestamp) -> Result<Option<Session>, Error> {
        self.by_row(&token.id(), slide, now, Writer::Ours).await
    }

    async fn by_record(
        &self,
        id: SessionId,
        record: Record,
        left: Duration,
        slide: Slide,
        now: Timestamp,
    ) -> Result<Option<Session>, Error> {
        if record.absolute_expires_at <= now {
            // Nothing to bury: the record says the same to every request that reads it.
            return Ok(None);
        }
        let session = Session::new(id, record, later(now, left.min(self.policy.idle)));
        if !self.policy.renewal_is_due(left) {
            return Ok(Some(session));
        }
        match slide {
            Slide::Yes => Box::pin(self.renewed(session, Some(left), now)).await,
            Slide::No => Box::pin(self.proven(session, left, now)).await,
        }
    }

    /// A miss: one consistent read of the row. Where neither store has anything there is nothing to bury: a made-up token
    /// costs a read and no memory.
    async fn restore(&self, hot: &Hot, id: &SessionId, slide: Slide, now: Timestamp) -> Result<Option<Session>, Error> {
        let Some(row) = self.cold.row(id, Kind::Browser).await? else { return Ok(None) };
        let Some(row) = self.living(id, Some(row), now).await else { return Ok(None) };
        let expires_at = self.policy.copy_expiry(row.idle_expires_at, now);
        match hot.keep(&row.session_id, &row.record, expires_at).await {
            Ok(true) => tracing::info!(target: "session", event = "restored", session_id = %row.session_id),
            // Another request was first, or a tombstone is there.
            Ok(false) => {}
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a session is served from its row, Redis did not take it back"
            ),
        }
        self.by_living_row(row, slide, now, Writer::Ours).await
    }

    /// Without Redis, where it fails, and where its copy cannot be read.
    async fn by_row(
        &self,
        id: &SessionId,
        slide: Slide,
        now: Timestamp,
        writer: Writer,
    ) -> Result<Option<Session>, Error> {
        let row = self.cold.row(id, Kind::Browser).await?;
        let Some(row) = self.living(id, row, now).await else { return Ok(None) };
        self.by_living_row(row, slide, now, writer).await
    }

    async fn by_living_row(
        &self,
        row: Row,
        slide: Slide,
        now: Timestamp,
        writer: Writer,
    ) -> Result<Option<Session>, Error> {
        let left = until(row.idle_expires_at, now);
        let session = Session::new(row.session_id, row.record, row.idle_expires_at);
        if slide == Slide::No || !self.policy.renewal_is_due(left) {
            return Ok(Some(session));
        }
        self.renewed(session, (writer == Writer::Ours).then_some(left), now).await
    }

    /// Moves the idle expiry, on the row first. `left` is what the copy had; `None`: the copy stays as it is.
    async fn renewed(
        &self,
        session: Session,
        left: Option<Duration>,
        now: Timestamp,
    ) -> Result<Option<Session>, Error> {
        match self.cold.renew(&session.id, now).await {
            Ok(true) => Ok(Some(self.extended(session, left, now).await)),
            Ok(false) => self.refused(session, left, now).await,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a renewal is skipped, the session is served as it is"
                );
                Ok(Some(session))
            }
        }
    }

    /// The row did not take a renewal: the session is over, or was renewed at `now` or later by an instance whose clock is
    /// ahead, by a request of the same moment, or by this one, whose answer was lost.
    async fn refused(
        &self,
        session: Session,
        left: Option<Duration>,
        now: Timestamp,
    ) -> Result<Option<Session>, Error> {
        let row = self.cold.row(&session.id, Kind::Browser).await?;
        let Some(row) = self.living(&session.id, row, now).await else { return Ok(None) };
        Ok(Some(self.extended(session, left, row.renewed_at).await))
    }

    /// Asks the row and moves nothing, unless Redis has more left than there can be: then the copy must not outlive the row.
    async fn proven(&self, session: Session, left: Duration, now: Timestamp) -> Result<Option<Session>, Error> {
        let row = match self.cold.dynamo.briefly(self.cold.row(&session.id, Kind::Browser)).await {
            Ok(row) => row,
            Err(error @ dynamo::Error::Corrupt { .. }) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a proof is skipped, the session is served from Redis"
                );
                return Ok(Some(session));
            }
        };
        let Some(row) = self.living(&session.id, row, now).await else { return Ok(None) };
        if left > self.policy.idle {
            self.move_copy(&session.id, left, row.idle_expires_at).await;
        }
        Ok(Some(Session::new(session.id, session.record, row.idle_expires_at)))
    }

    /// The row, if it says that the session lives. If not, the hot copy goes.
    async fn living(&self, id: &SessionId, row: Option<Row>, now: Timestamp) -> Option<Row> {
        let is_alive = row.as_ref().is_some_and(|row| row.is_alive(now));
        if !is_alive {
            self.lay_to_rest_quietly(id, row.as_ref(), now).await;
        }
        row.filter(|_| is_alive)
    }

    /// The row was renewed at `renewed_at`: move the hot copy's expiry too.
    async fn extended(&self, session: Session, left: Option<Duration>, renewed_at: Timestamp) -> Session {
        let idle_expires_at = self.policy.idle_expiry(Kind::Browser, renewed_at);
        if let Some(left) = left {
            self.move_copy(&session.id, left, idle_expires_at).await;
        }
        Session { renewed: true, ..Session::new(session.id, session.record, idle_expires_at) }
    }

    /// Moves the expiry of a copy that had `left`. Down only where that is more than there can be, after the idle time was
    /// lowered: every request would find it due. Failing costs nothing, the session is due again.
    async fn move_copy(&self, id: &SessionId, left: Duration, idle_expires_at: Timestamp) {
        let Some(hot) = &self.hot else { return };
        let is_too_long = left > self.policy.idle;
        let moved =
            if is_too_long { hot.shorten(id, idle_expires_at).await } else { hot.extend(id, idle_expires_at).await };
        if let Err(error) = moved {
            tracing::warn!(error = &error as &dyn std::error::Error, "Redis did not take the new expiry of a session");
        }
    }
}
