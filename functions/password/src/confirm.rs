use crate::{Password, parse, unfinished};
use edge::{Answer, Audit, Call, Event, Problem};
use outbox::Matter;
use serde::Deserialize;
use session::Token;
use throttle::{Purpose, Try};
use users::{Challenge, Error, Reset};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    token: String,
    new_password: String,
}

impl Password {
    pub(crate) async fn confirm(&self, call: &Call) -> Result<Answer, Problem> {
        let presented = self.gate.open_call(call, &self.sessions).await?;
        let Body { token, new_password } = call.json()?;
        let new = parse(&new_password, "new_password")?;

        let address = self.gate.client(call).ip;
        let tried = Try { purpose: Purpose::Token, account: None, address: address.as_deref() };
        self.throttle.take(&tried, call.now).await?;
        self.judge(&new, &[]).await?;
        let reset = self.reset(call, &token, &new).await.map_err(|error| self.refuse_link(call, error))?;
        self.throttle.clear(&tried, call.now).await;

        let told = Matter::PasswordChanged { at: call.now };
        self.write_to(call, reset.email.as_str(), told).await?;
        if let Some(token) = &presented {
            self.leave(call, token, &reset).await?;
        }
        let count = reset.ended.sessions.to_string();
        let (user_id, detail) = (Some(reset.ended.user_id.as_str()), Some(count.as_str()));
        self.gate.audit(call, Event::PasswordReset, Audit { user_id, detail, ..Audit::default() });
        Ok(Answer::empty().cookie(presented.map(|_| self.gate.clear_session_cookie())))
    }

    async fn reset(&self, call: &Call, token: &str, new: &users::Password) -> Result<Reset, Error> {
        let challenge = Challenge::parse(token).ok_or(Error::Spent)?;
        self.users.reset_password(&self.sessions, &challenge, new, call.now).await
    }

    /// The session of this browser ends, whoever's it is, since its cookie goes.
    async fn leave(&self, call: &Call, token: &Token, reset: &Reset) -> Result<(), Problem> {
        let ended = self.sessions.revoke(token, call.now).await?;
        if let Some(other) = ended.filter(|record| record.user_id != reset.ended.user_id) {
            let (user_id, id) = (Some(other.user_id.as_str()), token.id());
            self.gate.audit(call, Event::Logout, Audit { user_id, session_id: Some(id.as_str()), ..Audit::default() });
        }
        Ok(())
    }

    fn refuse_link(&self, call: &Call, error: Error) -> Problem {
        let Error::Spent = error else { return unfinished(error) };
        self.gate.audit(call, Event::LinkRefused, Audit { reason: Some("spent"), ..Audit::default() });
        Problem::LinkExpired
    }
}
