use crate::{Device, grant};
use edge::{Answer, Audit, Call, Event, Problem};
use serde::Deserialize;
use session::{Refresh, RefreshToken, Session};
use throttle::{Purpose, Try};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presented {
    refresh_token: String,
}

impl Device {
    pub(crate) async fn refresh(&self, call: &Call) -> Result<Answer, Problem> {
        let Some(token) = read(call)? else { return Err(self.refused(call).await) };
        self.ready(call).await?;
        let (next, session) = match self.sessions.refresh(&token, call.now).await? {
            Refresh::Granted { token: next, session, replaced } => {
                self.tell_of_replacement(call, &session, replaced);
                (next, session)
            }
            Refresh::SignedOut => return Err(self.refused(call).await),
            Refresh::Reused(record) => {
                let (user_id, id) = (Some(record.user_id.as_str()), token.id());
                let audit = Audit { user_id, session_id: Some(id.as_str()), ..Audit::default() };
                self.gate.audit(call, Event::RefreshReused, audit);
                return Err(Problem::SignedOut);
            }
        };
        let minted = self.mint(&session, call).await?;

        let (user_id, session_id) = (Some(session.record.user_id.as_str()), Some(session.id.as_str()));
        self.gate.audit(call, Event::TokenRefreshed, Audit { user_id, session_id, ..Audit::default() });
        Ok(grant(&minted, &next, None))
    }

    /// An answer that was lost for longer than the grace, or a thief's token: an operator who sees many has something to find.
    fn tell_of_replacement(&self, call: &Call, session: &Session, replaced: bool) {
        if replaced {
            let (user_id, session_id) = (Some(session.record.user_id.as_str()), Some(session.id.as_str()));
            self.gate.audit(call, Event::RefreshReplaced, Audit { user_id, session_id, ..Audit::default() });
        }
    }

    /// Only what is refused is counted, by address: a good token cannot be guessed, and whoever has one must not suffer for
    /// others behind the same address.
    async fn refused(&self, call: &Call) -> Problem {
        let client = self.gate.client(call);
        let tried = Try { purpose: Purpose::Refresh, account: None, address: client.ip.as_deref() };
        if let Err(error) = self.throttle.count(&tried, call.now).await {
            return error.into();
        }
        self.gate.audit(call, Event::RefreshRefused, Audit::default());
        Problem::SignedOut
    }

    /// Whatever the token is worth: after this it is worth nothing (RFC 7009, section 2.2).
    pub(crate) async fn logout(&self, call: &Call) -> Result<Answer, Problem> {
        let Some(token) = read(call)? else { return Ok(Answer::empty()) };
        if let Some(ended) = self.sessions.revoke_device(&token, call.now).await? {
            let (user_id, id) = (Some(ended.user_id.as_str()), token.id());
            self.gate.audit(call, Event::Logout, Audit { user_id, session_id: Some(id.as_str()), ..Audit::default() });
        }
        Ok(Answer::empty())
    }
}

/// `None`: a text that can be no refresh token, which is as good as one that nobody has.
fn read(call: &Call) -> Result<Option<RefreshToken>, Problem> {
    let Presented { refresh_token } = call.json()?;
    Ok(RefreshToken::parse(&refresh_token))
}
