use crate::{Callback, Refusal, of_users};
use edge::{Audit, Call, Event, Problem};
use oidc::{Attempt, Provider};
use session::{Session, Slide, Token};
use users::Federated;

impl Callback {
    /// The session that an attempt to link belongs to: the browser's own, live, and of the user who began the attempt.
    ///
    /// The attempt only says whose account is meant; the browser could have written any user there. What gives a right to
    /// that account is the session alone, and it must be as fresh as the start of the attempt demanded: otherwise an
    /// attempt that was edited would spare somebody at an unattended browser the question for the password. Another
    /// session of the same user is as good, since they may have signed in again meanwhile.
    pub(crate) async fn linker(
        &self,
        call: &Call,
        presented: Option<&Token>,
        user_id: &str,
        attempt: &Attempt,
    ) -> Result<Session, Problem> {
        let token = presented.ok_or(Problem::LoginExpired)?;
        let session = self.sessions.authenticate(token, Slide::No, call.now).await?.ok_or(Problem::LoginExpired)?;
        let is_theirs = session.record.user_id == user_id;
        let is_recent = self.gate.recent(&session, attempt.started_at).is_ok();
        if is_theirs && is_recent { Ok(session) } else { Err(Problem::LoginExpired) }
    }

    /// Adds the identity. The session stays as it is, and so does its cookie.
    pub(crate) async fn link(
        &self,
        call: &Call,
        provider: &Provider,
        session: &Session,
        who: &Federated,
    ) -> Result<(), Refusal> {
        let user_id = &session.record.user_id;
        let joined = self.users.link(user_id, who, call.now).await.map_err(of_users);
        let joined = joined.map_err(|refusal| Refusal { user_id: Some(user_id.clone()), ..refusal })?;

        let method = format!("oidc:{}", provider.name());
        let audit = Audit {
            user_id: Some(user_id),
            session_id: Some(session.id.as_str()),
            auth_method: Some(&method),
            detail: Some(joined.as_str()),
            ..Audit::default()
        };
        self.gate.audit(call, Event::IdentityLinked, audit);
        Ok(())
    }
}
