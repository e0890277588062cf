use crate::{Device, grant};
use edge::{Answer, Audit, Call, Event, Problem, text};
use session::{Refresh, RefreshToken, Session};
use throttle::{Purpose, Try};

impl Device {
    pub(crate) async fn refresh(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let Some(token) = read(call)? else { return Err(self.refused(call).await) };
        self.ready(call).await?;
        let (next, session) = match self.sessions.refresh(&token, call.now).await? {
            Refresh::Granted { token: next, session, replaced } => {
                self.tell_of_replacement(call, &session, replaced);
                (next, session)
            }
            Refresh::SignedOut => return Err(self.refused(call).await),
            Refresh::Reused(record) => {
                self.gate.audit(call, Event::RefreshReused, Audit::of(&*record.user_id).session(&token.id()));
                return Err(Problem::SignedOut);
            }
        };
        let minted = self.mint(&session, call).await?;

        self.gate.audit(call, Event::TokenRefreshed, Audit::of_session(&session));
        Ok(grant(&minted, &next, None))
    }

    /// Either an answer was lost for longer than the grace, or a thief holds a token: an operator who sees many such
    /// events should investigate.
    fn tell_of_replacement(&self, call: &Call<'_>, session: &Session, replaced: bool) {
        if replaced {
            self.gate.audit(call, Event::RefreshReplaced, Audit::of_session(session));
        }
    }

    /// Only refusals are counted, by address: a valid token cannot be guessed, and its holder must not suffer for
    /// others behind the same address.
    async fn refused(&self, call: &Call<'_>) -> Problem {
        let client = self.gate.client(call);
        let tried = Try { purpose: Purpose::Refresh, account: None, address: client.ip.as_deref() };
        if let Err(error) = self.entrance.throttle.count(&tried, call.now).await {
            return error.into();
        }
        self.gate.audit(call, Event::RefreshRefused, Audit::default());
        Problem::SignedOut
    }

    /// Even for an invalid token: after this it is invalid in any case (RFC 7009, section 2.2).
    pub(crate) async fn logout(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let Some(token) = read(call)? else { return Ok(Answer::empty()) };
        if let Some(ended) = self.sessions.revoke_device(&token, call.now).await? {
            self.gate.audit(call, Event::Logout, Audit::of(&*ended.user_id).session(&token.id()));
        }
        Ok(Answer::empty())
    }
}

/// `None`: the text cannot be a refresh token, and is treated as an unknown one.
fn read(call: &Call<'_>) -> Result<Option<RefreshToken>, Problem> {
    let mut body = call.body()?;
    let token = body.required("refresh_token", text);
    Ok(RefreshToken::parse(&body.finish(token)?))
}
