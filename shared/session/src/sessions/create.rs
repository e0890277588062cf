use super::Sessions;
use crate::{
    Account, Client, Error, Kind, Mark, Record, Session, SessionId, Token, Why,
    cold::{Of, new_row},
    record::Row,
};
use futures_util::future::join;
use jiff::Timestamp;

/// A credential that was checked, and the account it was checked against.
#[derive(Debug)]
pub struct Login<'a> {
    /// The user when the credential was read.
    pub account: Account,
    /// `password` or `oidc:<provider>`.
    pub auth_method: String,
    /// Where the login came from.
    pub client: Client,
    /// The token that the browser presented with the login, if any.
    pub presented: Option<&'a Token>,
}

/// A session whose row is committed: it lives. [`Sessions::complete`] does what follows and returns its token.
pub struct Begun<'a, K> {
    token: K,
    row: Row,
    /// The account as it was before.
    account: Account,
    presented: Option<&'a Token>,
    now: Timestamp,
}

impl<K> Begun<'_, K> {
    /// The public handle of the session.
    pub fn id(&self) -> &SessionId {
        &self.row.session_id
    }
}

impl Sessions {
    /// Begins a session for a login. The token is always new. The session that the browser presented is ended, even if
    /// it belongs to another user (OWASP ASVS 7.2.4). Beyond the cap of their kind, the least recently used sessions
    /// end.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub async fn create(&self, login: Login<'_>, now: Timestamp) -> Result<(Token, Session), Error> {
        Ok(self.complete(self.begin(login, Some(now), now).await?).await)
    }

    /// Commits the session of a login, and nothing else: [`create`](Self::create) in two parts, for a caller that has
    /// other things to do meanwhile.
    ///
    /// If another party vouches for the login, `asked_at` is when that party says it asked the person for a credential;
    /// a moment in the future counts as now. If the party gives no time, it may have asked days ago, so the session
    /// counts as authenticated at the epoch: no check for a recent login accepts it, here or elsewhere.
    ///
    /// # Errors
    /// [`Error::Superseded`] when the user's sessions were ended, or the account disabled, since the credential was
    /// read: the password may have changed, so it must be checked again. [`Error::Full`] at twice the cap of the kind;
    /// a repeat finds room. [`Error::Store`] when DynamoDB cannot say: the session may exist, but no client has its
    /// token.
    pub async fn begin<'a>(
        &self,
        login: Login<'a>,
        asked_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Begun<'a, Token>, Error> {
        let token = Token::generate()?;
        let id = token.id();
        let auth_time = asked_at.map_or(Timestamp::UNIX_EPOCH, |at| at.min(now));
        let row = |record, client| new_row(id, Record { auth_time, ..record }, client, &self.policy);
        self.commit_login(login, token, Kind::Browser, now, row).await
    }

    /// Commits the row of a new session of either kind.
    pub(super) async fn commit_login<'a, K>(
        &self,
        login: Login<'a>,
        token: K,
        kind: Kind,
        now: Timestamp,
        row: impl FnOnce(Record, Client) -> Row,
    ) -> Result<Begun<'a, K>, Error> {
        let Login { mut account, auth_method, client, presented } = login;
        self.finish_unfinished(&mut account).await;
        if self.is_full(&account, kind) {
            self.drop_expired(&mut account, now).await;
        }
        if self.is_full(&account, kind) {
            for kind in [Kind::Browser, Kind::Device] {
                self.make_room(&account, kind, 0, now).await;
            }
            return Err(Error::Full);
        }
        let browser = Mark::of(&client, &account).map(|mark| mark.browser);
        let row = row(self.record(&account, kind, auth_method, now), client);
        let row = Row { browser, epoch: Some(account.security_epoch), ..row };
        let created = self.cold.create(&account, &row).await;
        created.map_err(|error| match error {
            dynamo::Error::Condition => Error::Superseded,
            error => error.into(),
        })?;
        Ok(Begun { token, row, account, presented, now })
    }

    /// Side by side: writes the hot copy, and ends the sessions that the new one replaces or that exceed the cap. What
    /// the stores do not manage is left to later requests, so there is no error.
    pub async fn complete<K>(&self, begun: Begun<'_, K>) -> (K, Session) {
        let Begun { token, row, mut account, presented, now } = begun;
        let (held_until, ()) =
            join(self.give_way(&mut account, presented, row.record.kind, now), self.keep(&row)).await;
        let session = Session::new(row.session_id, row.record, row.idle_expires_at);
        (token, Session { held_until, ..session })
    }

    /// Writes the hot copy. A device has none.
    async fn keep(&self, row: &Row) {
        if row.record.kind == Kind::Browser
            && let Some(hot) = &self.hot
            && let Err(error) = hot.keep(&row.session_id, &row.record, row.idle_expires_at).await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the next request restores the session that Redis did not take"
            );
        }
    }

    /// Ends the sessions that a new one of this kind replaces or that exceed the cap. Returns until when the answer is
    /// to be held back, see [`Session::held_until`].
    async fn give_way(
        &self,
        account: &mut Account,
        presented: Option<&Token>,
        kind: Kind,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let replaced = match presented {
            Some(token) => self.replace(token, account, now).await,
            None => None,
        };
        if let Some(replaced) = &replaced {
            account.sessions.remove(&replaced.session_id);
        }
        self.make_room(account, kind, 1, now).await;
        replaced.and_then(|replaced| replaced.holds_until(now))
    }

    /// Ends the session that the browser presented, if the stores manage it in a moment. Returns its row as it was when
    /// it ended.
    async fn replace(&self, presented: &Token, account: &Account, now: Timestamp) -> Option<Row> {
        let id = presented.id();
        let marking = self.mark(&id, Of::Kind(Kind::Browser), Why::Replaced, now);
        let over = match self.cold.dynamo.briefly(marking).await {
            Ok(over) => over,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, session_id = %id, "a session that was to be replaced may live on");
                return None;
            }
        };
        let ended = over.map(|over| over.row);
        let buried = match &ended {
            Some(row) if is_gone_from(account, row) => self.bury(std::slice::from_ref(&id)).await,
            Some(row) => self.finish_row(row).await,
            None => self.lay_to_rest(&id, None, now).await,
        };
        if let Err(error) = buried {
            tracing::warn!(error = &error as &dyn std::error::Error, session_id = %id, "a session that was replaced may be served for a while");
        }
        ended
    }

    fn record(&self, account: &Account, kind: Kind, auth_method: String, now: Timestamp) -> Record {
        Record {
            user_id: account.user_id.clone(),
            email: account.email.clone(),
            email_verified: account.email_verified,
            name: account.name.clone(),
            picture: account.picture.clone(),
            scopes: account.scopes.clone(),
            kind,
            auth_method,
            auth_time: now,
            created_at: now,
            absolute_expires_at: self.policy.absolute_expiry(kind, now),
        }
    }

    /// Each kind has its own share, which the other kind cannot fill; both together fit into one ending.
    fn is_full(&self, account: &Account, kind: Kind) -> bool {
        account.entries_of(kind) >= 2 * self.policy.cap(kind) || account.sessions.len() >= self.policy.fullest()
    }

    /// Ends the least recently used sessions of this kind until `room` more fit under its cap. If the stores fail, the
    /// next login tries again.
    async fn make_room(&self, account: &Account, kind: Kind, room: usize, now: Timestamp) {
        let standing = account.standing_of(kind, now);
        let excess = (standing.len() + room).saturating_sub(self.policy.cap(kind));
        if excess > 0
            && let Err(error) = self.end_least_used(&account.user_id, standing, excess, now).await
        {
            let user_id = &account.user_id;
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                user_id,
                "sessions that should have ended for their number may live on"
            );
        }
    }

    /// An entry without a row goes first: only the map and perhaps a copy still know of the session.
    async fn end_least_used(
        &self,
        user_id: &str,
        standing: Vec<&SessionId>,
        excess: usize,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut rows = self.cold.dynamo.briefly(self.cold.rows(standing.iter().copied())).await?;
        let has_row = |id: &SessionId| rows.iter().any(|row| row.session_id == *id);
        let missing: Vec<_> = standing.into_iter().filter(|id| !has_row(id)).take(excess).cloned().collect();
        if !missing.is_empty() {
            self.finish(user_id, &missing).await?;
        }
        rows.sort_by_key(|row| (row.is_alive(now), row.last_seen_at));
        for row in rows.into_iter().take(excess - missing.len()) {
            let marking = self.mark(&row.session_id, Of::User(user_id), Why::Cap, now);
            self.cold.dynamo.briefly(marking).await?;
            self.finish_row(&row).await?;
        }
        Ok(())
    }

    /// The commit takes expired entries out of the map too, but a login with a full map never reaches the commit.
    async fn drop_expired(&self, account: &mut Account, now: Timestamp) {
        let expired = account.expired(now);
        self.tidy(&account.user_id, &expired).await;
        account.sessions.retain(|id, _| !expired.contains(id));
    }

    async fn finish_unfinished(&self, account: &mut Account) {
        let left = account.unfinished();
        if left.is_empty() {
            return;
        }
        match self.finish(&account.user_id, &left).await {
            Ok(()) => account.sessions.retain(|id, _| !left.contains(id)),
            Err(error) => {
                let user_id = &account.user_id;
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    user_id,
                    "an unfinished sign-out everywhere stays for the next login"
                );
            }
        }
    }
}

/// Whether the user's map, as it was read, no longer had this session: the ending that took it out of there came first.
fn is_gone_from(account: &Account, row: &Row) -> bool {
    row.record.user_id == account.user_id && !account.sessions.contains_key(&row.session_id)
}
