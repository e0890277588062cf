use crate::place::Place;
use environment::Environment;
use jiff::{SignedDuration, Timestamp};
use outbox::{Locale, Matter, Outbox};
use session::{Client, Login, Mark, RefreshToken, Seen, Session, Sessions, Token};
use std::error::Error;

/// For how long a place is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long an account counts as new: the first person to sign in to it then is the one who made it.
const NEW: SignedDuration = SignedDuration::from_hours(24);

/// Begins sessions, and reports those from new places.
pub struct Notice {
    is_on: bool,
    outbox: Outbox,
}

/// Who is told about a session that has just begun, and the facts it is compared by.
struct Told {
    client: Client,
    mark: Option<Mark>,
    account_created_at: Timestamp,
    locale: Locale,
}

impl Told {
    fn of(login: &Login<'_>, locale: Locale) -> Self {
        let Login { account, client, .. } = login;
        let mark = Mark::of(client, account);
        Self { client: client.clone(), mark, account_created_at: account.created_at, locale }
    }
}

impl Notice {
    /// Notices that go to this outbox, unless `SIGN_IN_NOTICE` (`true`, the default, or `false`) turns them off; a
    /// fault stays in `environment`.
    pub fn from_environment(environment: &mut Environment, outbox: &Outbox) -> Self {
        let is_on = environment.default("SIGN_IN_NOTICE", true, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("is neither true nor false"),
        });
        Self { is_on, outbox: outbox.clone() }
    }

    /// Begins a browser's session, and reports it to its user if the place is new. If the user has had no session from
    /// this browser or this place in the last 90 days, a mail to the account's proven address goes into the outbox; but
    /// not for the first session of a new account. A failure to report is only logged: the person is signed in, and
    /// waits for this a moment at most.
    ///
    /// # Errors
    /// As [`Sessions::create`].
    pub async fn begin(
        &self,
        sessions: &Sessions,
        login: Login<'_>,
        locale: Locale,
        now: Timestamp,
    ) -> Result<(Token, Session), session::Error> {
        self.begin_vouched(sessions, login, Some(now), locale, now).await
    }

    /// As [`begin`](Self::begin), for a login that another party vouches for, which asked the person for a credential
    /// at `asked_at`.
    ///
    /// # Errors
    /// As [`Sessions::create_vouched`].
    pub async fn begin_vouched(
        &self,
        sessions: &Sessions,
        login: Login<'_>,
        asked_at: Option<Timestamp>,
        locale: Locale,
        now: Timestamp,
    ) -> Result<(Token, Session), session::Error> {
        let told = Told::of(&login, locale);
        let (token, session) = sessions.create_vouched(login, asked_at, now).await?;
        self.after(sessions, &session, told, now).await;
        Ok((token, session))
    }

    /// As [`begin`](Self::begin), for a device that is called `name`.
    ///
    /// # Errors
    /// As [`Sessions::create_device`].
    pub async fn begin_device(
        &self,
        sessions: &Sessions,
        login: Login<'_>,
        name: String,
        locale: Locale,
        now: Timestamp,
    ) -> Result<(RefreshToken, Session), session::Error> {
        let told = Told::of(&login, locale);
        let (token, session) = sessions.create_device(login, name, now).await?;
        self.after(sessions, &session, told, now).await;
        Ok((token, session))
    }

    async fn after(&self, sessions: &Sessions, session: &Session, told: Told, now: Timestamp) {
        let record = &session.record;
        let Some(email) = record.proven_email().filter(|_| self.is_on) else { return };
        match is_news(sessions, session, &told, now).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return log(session, &error),
        }
        let Client { ip, user_agent, .. } = told.client;
        let matter = Matter::SignIn { at: record.created_at, ip, user_agent };
        if let Err(error) = self.outbox.put_briefly(email, told.locale, matter, now).await {
            log(session, &error);
        }
    }
}

async fn is_news(sessions: &Sessions, session: &Session, told: &Told, now: Timestamp) -> Result<bool, session::Error> {
    let place = Place::of(&told.client);
    let since = now.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
    let is_same = |other: &Client| Place::of(other) == place;
    let user_id = &session.record.user_id;
    Ok(match sessions.seen(user_id, &session.id, since, told.mark.as_ref(), is_same).await? {
        Seen::Here => false,
        Seen::Elsewhere => true,
        // Stolen passwords are tried at unused accounts.
        Seen::Never => now.duration_since(told.account_created_at) >= NEW,
    })
}

fn log(session: &Session, error: &(dyn Error + 'static)) {
    let (user_id, session_id) = (&session.record.user_id, session.id.as_str());
    tracing::warn!(error, user_id, session_id, "a sign-in that may be from a new place is not told");
}
