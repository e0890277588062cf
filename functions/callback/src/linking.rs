use crate::{
    Callback, LINK, Visit, linked, locale,
    refusal::{Refusal, of_users},
};
use edge::{Answer, Audit, Call, Event, Problem};
use oidc::Provider;
use session::{Account, Session, Standing, Token};
use users::{Error, Federated, Joined};

/// The user who gets the identity: the session that authorises it, and the account as it was while the session was
/// alive.
struct Linker {
    session: Session,
    account: Account,
}

impl Callback {
    /// Adds the identity that the provider vouches for to the account of the signed-in user. The session and its cookie
    /// stay unchanged.
    pub(crate) async fn add(&self, call: &Call<'_>, visit: &Visit<'_>) -> Result<Answer, Refusal> {
        self.try_to_add(call, visit).await.map_err(|refusal| Refusal { detail: Some(LINK), ..refusal })
    }

    async fn try_to_add(&self, call: &Call<'_>, visit: &Visit<'_>) -> Result<Answer, Refusal> {
        let return_to = self.return_to.judge(Some(&visit.attempt.return_to))?;
        let linker = self.linker(call, visit.presented.as_ref()).await?;
        let linking = async |who: Federated| self.link(call, visit.provider, &linker, &who).await;
        let (_, joined) = self.vouched(call, visit, linking).await?;
        let joined = joined?;

        let method = format!("oidc:{}", visit.provider.name());
        let audit = Audit::of(&*linker.account.user_id).session(&linker.session.id).method(&*method);
        self.gate.audit(call, Event::IdentityLinked, audit.detail(joined.as_str()));
        Ok(Answer::redirect(&return_to))
    }

    /// The session in which the link attempt began, which the browser presents. It must be live and still recent now,
    /// because only the browser says when the attempt began.
    async fn linker(&self, call: &Call<'_>, presented: Option<&Token>) -> Result<Linker, Problem> {
        let token = presented.ok_or(Problem::LoginExpired)?;
        let session = self.live(call, token).await?;
        self.gate.recent(&session, call.now).map_err(|_| Problem::LoginExpired)?;
        let account = self.users.by_id(&session.record.user_id).await;
        let account = account.map_err(|error| Problem::unavailable(&error))?.ok_or(Problem::LoginExpired)?;
        // Checked again: otherwise a password reset between the two reads would pair a dead session with the new epoch.
        let session = self.live(call, token).await?;
        Ok(Linker { session, account })
    }

    /// A session that is alive according to its row: the hot copy of a revoked session can come back, and a way in is
    /// permanent.
    async fn live(&self, call: &Call<'_>, token: &Token) -> Result<Session, Problem> {
        match self.sessions.standing(token, call.now).await? {
            Standing::Live(session) => Ok(*session),
            Standing::Ended { .. } | Standing::Absent => Err(Problem::LoginExpired),
        }
    }

    /// Adds the identity, together with the mail about it.
    async fn link(
        &self,
        call: &Call<'_>,
        provider: &Provider,
        linker: &Linker,
        who: &Federated,
    ) -> Result<Joined, Refusal> {
        let account = &linker.account;
        let email = account.proven_email();
        let letter = email.map(|email| self.outbox.item(email, locale(call), linked(call, provider), call.now));
        let letter = letter.transpose().map_err(|error| Problem::unavailable(&error))?;

        let joined = self.users.link(account, who, letter.into_iter().collect(), call.now).await;
        joined.map_err(|error| Refusal { user_id: Some(account.user_id.clone()), ..of_link(error) })
    }
}

fn of_link(error: Error) -> Refusal {
    match error {
        Error::Session(session::Error::Superseded) => Problem::LoginExpired.into(),
        error => of_users(error),
    }
}
