use crate::place::Place;
use environment::Environment;
use futures_util::future::{OptionFuture, join};
use jiff::{SignedDuration, Timestamp};
use outbox::{Locale, Matter, Outbox};
use session::{Client, Earlier, Login, Mark, RefreshToken, Seen, Session, SessionId, Sessions, Token};
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
    user_id: String,
    email: String,
    account_created_at: Timestamp,
    client: Client,
    mark: Option<Mark>,
    locale: Locale,
    at: Timestamp,
}

/// A session that has begun: [`finish`](Self::finish) returns it.
pub struct Begun<'a, K> {
    outbox: &'a Outbox,
    sessions: &'a Sessions,
    session: session::Begun<'a, K>,
    /// `None`: no mail is sent.
    told: Option<(Told, Result<Earlier, session::Error>)>,
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
    /// As [`Sessions::begin`].
    pub async fn begin<'a>(
        &'a self,
        sessions: &'a Sessions,
        login: Login<'a>,
        locale: Locale,
        now: Timestamp,
    ) -> Result<Begun<'a, Token>, session::Error> {
        self.begin_vouched(sessions, login, Some(now), locale, now).await
    }

    /// As [`begin`](Self::begin), for a login that another party vouches for, which asked the person for a credential
    /// at `asked_at`.
    ///
    /// # Errors
    /// As [`Sessions::begin`].
    pub async fn begin_vouched<'a>(
        &'a self,
        sessions: &'a Sessions,
        login: Login<'a>,
        asked_at: Option<Timestamp>,
        locale: Locale,
        now: Timestamp,
    ) -> Result<Begun<'a, Token>, session::Error> {
        let told = self.told(&login, locale, now);
        self.beside(sessions, told, sessions.begin(login, asked_at, now)).await
    }

    /// As [`begin`](Self::begin), for a device that is called `name`.
    ///
    /// # Errors
    /// As [`Sessions::begin_device`].
    pub async fn begin_device<'a>(
        &'a self,
        sessions: &'a Sessions,
        login: Login<'a>,
        name: String,
        locale: Locale,
        now: Timestamp,
    ) -> Result<Begun<'a, RefreshToken>, session::Error> {
        let told = self.told(&login, locale, now);
        self.beside(sessions, told, sessions.begin_device(login, name, now)).await
    }

    fn told(&self, login: &Login<'_>, locale: Locale, at: Timestamp) -> Option<Told> {
        let Login { account, client, .. } = login;
        let email = account.proven_email().filter(|_| self.is_on)?;
        Some(Told {
            user_id: account.user_id.clone(),
            email: email.to_owned(),
            account_created_at: account.created_at,
            client: client.clone(),
            mark: Mark::of(client, account),
            locale,
            at,
        })
    }

    /// Reads the earlier sessions while the new one is committed.
    async fn beside<'a, K>(
        &'a self,
        sessions: &'a Sessions,
        told: Option<Told>,
        committing: impl Future<Output = Result<session::Begun<'a, K>, session::Error>>,
    ) -> Result<Begun<'a, K>, session::Error> {
        let reading = OptionFuture::from(told.as_ref().map(|told| told.earlier(sessions)));
        // Boxed, because it is deeper than the compiler lays out in one piece.
        let (session, earlier) = join(Box::pin(committing), reading).await;
        Ok(Begun { outbox: &self.outbox, sessions, session: session?, told: told.zip(earlier) })
    }
}

impl<K> Begun<'_, K> {
    /// Does the rest, side by side: what [`Sessions::complete`] does, and the report.
    pub async fn finish(self) -> (K, Session) {
        let Self { outbox, sessions, session, told } = self;
        let id = session.id().clone();
        let telling = OptionFuture::from(told.map(|(told, earlier)| told.tell(outbox, sessions, id, earlier)));
        let (finished, _) = join(Box::pin(sessions.complete(session)), telling).await;
        finished
    }
}

impl Told {
    async fn earlier(&self, sessions: &Sessions) -> Result<Earlier, session::Error> {
        let since = self.at.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        sessions.earlier(&self.user_id, since).await
    }

    /// Puts a letter into the outbox if the place is new.
    async fn tell(self, outbox: &Outbox, sessions: &Sessions, id: SessionId, earlier: Result<Earlier, session::Error>) {
        match self.is_news(sessions, &id, earlier).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return log(&self.user_id, &id, &error),
        }
        let Client { ip, user_agent, .. } = self.client;
        let matter = Matter::SignIn { at: self.at, ip, user_agent };
        if let Err(error) = outbox.put_briefly(&self.email, self.locale, matter, self.at).await {
            log(&self.user_id, &id, &error);
        }
    }

    async fn is_news(
        &self,
        sessions: &Sessions,
        id: &SessionId,
        earlier: Result<Earlier, session::Error>,
    ) -> Result<bool, session::Error> {
        let place = Place::of(&self.client);
        let is_same = |other: &Client| Place::of(other) == place;
        Ok(match sessions.seen(earlier?, id, self.mark.as_ref(), is_same).await? {
            Seen::Here => false,
            Seen::Elsewhere => true,
            // Stolen passwords are tried at unused accounts.
            Seen::Never => self.at.duration_since(self.account_created_at) >= NEW,
        })
    }
}

fn log(user_id: &str, session_id: &SessionId, error: &(dyn Error + 'static)) {
    let session_id = session_id.as_str();
    tracing::warn!(error, user_id, session_id, "a sign-in that may be from a new place is not told");
}
