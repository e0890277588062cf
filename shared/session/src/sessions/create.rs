use super::Sessions;
use crate::{Account, Client, Error, Kind, Mark, Record, Session, SessionId, Token, Why, cold::new_row, record::Row};
use jiff::Timestamp;

/// A credential that was checked, and what it was checked against.
#[derive(Debug)]
pub struct Login<'a> {
    /// The user as of the moment at which the credential was read.
    pub account: Account,
    /// `password` or `oidc:<provider>`.
    pub auth_method: String,
    /// Where the login came from.
    pub client: Client,
    /// The token that the browser presented with the login, if any.
    pub presented: Option<&'a Token>,
}

impl Sessions {
    /// Begins a session for a login. The token is always a new one; the session that the browser presented is ended,
    /// whoever's it was (OWASP ASVS 7.2.4). Sessions beyond the cap end, the oldest first.
    ///
    /// # Errors
    /// [`Error::Superseded`] when the user's sessions were ended, or the account disabled, since the credential was
    /// read: the password may have changed, so it must be checked again. [`Error::Full`] at twice the cap; the repeat
    /// finds room. [`Error::Store`] when DynamoDB cannot say: the session may exist, but nobody has its token.
    pub async fn create(&self, login: Login<'_>, now: Timestamp) -> Result<(Token, Session), Error> {
        self.create_vouched(login, Some(now), now).await
    }

    /// As [`create`](Self::create), for a login that another party vouches for. `asked_at` is when that party says it
    /// asked the person for a credential; a moment to come counts as now. Where it does not say, it may have asked days
    /// ago, so the session counts as if it had at the beginning of time: to nobody, here or elsewhere, is that recent.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn create_vouched(
        &self,
        login: Login<'_>,
        asked_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(Token, Session), Error> {
        let token = Token::generate()?;
        let auth_time = asked_at.map_or(Timestamp::UNIX_EPOCH, |at| at.min(now));
        let row = |record, client| new_row(token.id(), Record { auth_time, ..record }, client, &self.policy);
        let row = self.begin(login, Kind::Browser, now, row).await?;
        if let Some(hot) = &self.hot
            && let Err(error) = hot.keep(&row.session_id, &row.record, row.idle_expires_at).await
        {
            tracing::warn!(%error, "the next request restores the session that Redis did not take");
        }
        let session = Session::new(row.session_id, row.record, row.idle_expires_at);
        Ok((token, session))
    }

    /// Commits the row of a new session of either kind, and ends what it replaces or leaves no room for.
    pub(super) async fn begin(
        &self,
        login: Login<'_>,
        kind: Kind,
        now: Timestamp,
        row: impl FnOnce(Record, Client) -> Row,
    ) -> Result<Row, Error> {
        let Login { mut account, auth_method, client, presented } = login;
        self.finish_unfinished(&mut account).await;
        if account.sessions.len() >= 2 * self.policy.per_user {
            self.drop_expired(&mut account, now).await;
        }
        if account.sessions.len() >= 2 * self.policy.per_user {
            self.make_room(&account, 0, now).await;
            return Err(Error::Full);
        }
        let browser = Mark::of(&client, &account).map(|mark| mark.browser);
        let row = row(self.record(&account, kind, auth_method, now), client);
        let row = Row { browser, epoch: Some(account.security_epoch), ..row };
        let created = self.cold.create(&account, &row, &self.policy).await;
        created.map_err(|error| match error {
            dynamo::Error::Condition => Error::Superseded,
            error => error.into(),
        })?;
        if let Some(id) = presented.map(Token::id)
            && self.end_quietly(&id, Some(Kind::Browser), Why::Replaced, now).await
        {
            account.sessions.remove(&id);
        }
        self.make_room(&account, 1, now).await;
        Ok(row)
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

    /// Ends the oldest sessions until `room` more fit under the cap. As far as the stores allow: the next login tries
    /// again.
    async fn make_room(&self, account: &Account, room: usize, now: Timestamp) {
        for id in account.beyond(self.policy.per_user, room, now) {
            if !self.end_quietly(&id, None, Why::Cap, now).await {
                break;
            }
        }
    }

    /// The commit takes expired entries out of the map too, but a full map lets nobody come that far.
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
                tracing::warn!(%error, user_id, "an unfinished sign-out everywhere stays for the next login");
            }
        }
    }

    async fn end_quietly(&self, id: &SessionId, kind: Option<Kind>, why: Why, now: Timestamp) -> bool {
        let ended = async {
            let row = self.cold.dynamo.briefly(self.mark(id, kind, why, now)).await?;
            match row {
                Some(row) => self.finish_row(&row).await,
                None => Ok(()),
            }
        };
        let ended = ended.await;
        if let Err(error) = &ended {
            tracing::warn!(%error, session_id = %id, "a session that should have ended may live on");
        }
        ended.is_ok()
    }
}
