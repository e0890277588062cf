use crate::place::Place;
use environment::Environment;
use jiff::{SignedDuration, Timestamp};
use outbox::{Locale, Matter, Outbox};
use session::{Client, Seen, Session, Sessions};
use std::error::Error;

/// For how long a place is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Whether people are told of sign-ins from new places.
#[derive(Clone, Copy, Debug)]
pub struct Notice {
    is_on: bool,
}

impl Notice {
    /// Reads `SIGN_IN_NOTICE` (`true`, or `false`); a fault stays in `environment`.
    pub fn from_environment(environment: &mut Environment) -> Self {
        let is_on = environment.default("SIGN_IN_NOTICE", true, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("is neither true nor false"),
        });
        Self { is_on }
    }

    /// To be called when a session has begun, before the answer. Puts a mail to the account's proven address into the
    /// outbox, if its user has had sessions in the last 90 days but none from this place. A failure is logged, and fails
    /// nothing: the person is signed in.
    pub async fn after(
        &self,
        sessions: &Sessions,
        outbox: &Outbox,
        session: &Session,
        client: &Client,
        locale: Locale,
        now: Timestamp,
    ) {
        let record = &session.record;
        let Some(email) = record.email.as_deref().filter(|_| self.is_on && record.email_verified) else { return };
        let place = Place::of(client);
        let since = now.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        let is_same = |other: &Client| Place::of(other) == place;
        match sessions.seen(&record.user_id, &session.id, since, is_same).await {
            Ok(Seen::Elsewhere) => {}
            Ok(Seen::Never | Seen::Here) => return,
            Err(error) => return log(session, &error),
        }
        let Client { ip, user_agent } = client.clone();
        let matter = Matter::SignIn { at: record.created_at, ip, user_agent };
        if let Err(error) = outbox.put(email, locale, matter, now).await {
            log(session, &error);
        }
    }
}

fn log(session: &Session, error: &dyn Error) {
    let (user_id, session_id) = (&session.record.user_id, session.id.as_str());
    tracing::warn!(%error, user_id, session_id, "nobody is told of a sign-in that may be from a new place");
}
