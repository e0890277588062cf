use crate::{Settings, place::Place};
use jiff::{SignedDuration, Timestamp};
use outbox::{Locale, Matter, Outbox};
use session::{Client, Seen, Session, Sessions};
use std::error::Error;

/// For how long a place is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(90 * 24);

/// For how long an account is new: whoever signs in to it for the first time is who made it.
const NEW: SignedDuration = SignedDuration::from_hours(24);

/// Tells people of sign-ins from new places.
pub struct Notice {
    settings: Settings,
    outbox: Outbox,
}

/// A session that has just begun.
#[derive(Clone, Copy, Debug)]
pub struct Begun<'a> {
    /// The session.
    pub session: &'a Session,
    /// When its user's account was made.
    pub account_created_at: Timestamp,
    /// Where it came from.
    pub client: &'a Client,
    /// The language of a mail.
    pub locale: Locale,
}

impl Notice {
    /// Notices that go to this outbox.
    pub fn new(settings: Settings, outbox: Outbox) -> Self {
        Self { settings, outbox }
    }

    /// To be called when a session has begun, before the answer. Puts a mail to the account's proven address into the
    /// outbox, if its user has had no session from this place in the last 90 days; but not at the first of a new account.
    /// A failure is logged, and fails nothing: the person is signed in, and waits for this a moment at most.
    pub async fn after(&self, sessions: &Sessions, begun: Begun<'_>, now: Timestamp) {
        let record = &begun.session.record;
        let is_on = self.settings.is_on && record.email_verified;
        let Some(email) = record.email.as_deref().filter(|_| is_on) else { return };
        match is_news(sessions, begun, now).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return log(begun.session, &error),
        }
        let Client { ip, user_agent } = begun.client.clone();
        let matter = Matter::SignIn { at: record.created_at, ip, user_agent };
        if let Err(error) = self.outbox.put_briefly(email, begun.locale, matter, now).await {
            log(begun.session, &error);
        }
    }
}

async fn is_news(sessions: &Sessions, begun: Begun<'_>, now: Timestamp) -> Result<bool, session::Error> {
    let Begun { session, account_created_at, client, .. } = begun;
    let place = Place::of(client);
    let since = now.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
    let is_same = |other: &Client| Place::of(other) == place;
    Ok(match sessions.seen(&session.record.user_id, &session.id, since, is_same).await? {
        Seen::Here => false,
        Seen::Elsewhere => true,
        // An account that lay unused is what a stolen password is tried at.
        Seen::Never => now.duration_since(account_created_at) >= NEW,
    })
}

fn log(session: &Session, error: &dyn Error) {
    let (user_id, session_id) = (&session.record.user_id, session.id.as_str());
    tracing::warn!(%error, user_id, session_id, "nobody is told of a sign-in that may be from a new place");
}
