use crate::{NEW, Password, is_committed, locale, password_changed, unfinished};
use edge::{Answer, Audit, Call, Event, Problem, text};
use session::Token;
use throttle::{Purpose, Try};
use users::{Addressee, Challenge, Email, Error, Mailed, Reset};

impl Password {
    pub(crate) async fn confirm(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let presented = self.gate.open_call(call, &self.sessions).await?;
        let mut body = call.body()?;
        let read = body.required("token", text).zip(body.required(NEW, users::Password::parse));
        let (token, new) = body.finish(read)?;

        let address = self.gate.client(call).ip;
        let tried = Try { purpose: Purpose::Token, account: None, address: address.as_deref() };
        // Boxed, because all of it in one piece is more than a thread's stack may hold.
        let setting = Box::pin(self.set(call, &token, &new));
        let trusting = async |reset: Reset| {
            // The reader of the account's mail is its owner, and may sign in now, however often strangers have tried.
            let owner = Try { purpose: Purpose::SignIn, account: Some(reset.email.as_str()), ..tried };
            self.throttle.trust(&owner, call.now).await;
            reset
        };
        let reset = Box::pin(self.throttle.attempt_then(&tried, call.now, setting, trusting)).await?;

        match &presented {
            Some(token) => self.leave(call, token, &reset).await,
            None => Ok(Answer::empty()),
        }
    }

    async fn set(&self, call: &Call<'_>, token: &str, new: &users::Password) -> Result<Reset, Problem> {
        let mailed = self.mailed(Challenge::parse(token)).await?;
        let addressee = mailed.as_ref().and_then(Mailed::addressee);
        let own_words: Vec<_> = addressee.iter().map(|addressee| addressee.email.as_str()).collect();
        self.judge(new, &own_words).await?;

        let reset = self.reset(call, mailed, new).await;
        let reset = reset.map_err(|error| self.refuse_link(call, addressee.as_ref(), error))?;
        self.tell_of_reset(call, &reset.ended.user_id, Some(reset.ended.sessions));
        Ok(reset)
    }

    /// `None`: the text cannot be such a token.
    async fn mailed(&self, challenge: Option<Challenge>) -> Result<Option<Mailed>, Problem> {
        let Some(challenge) = challenge else { return Ok(None) };
        self.users.mailed(&challenge).await.map(Some).map_err(unfinished)
    }

    async fn reset(&self, call: &Call<'_>, mailed: Option<Mailed>, new: &users::Password) -> Result<Reset, Error> {
        let mailed = mailed.ok_or(Error::Spent)?;
        let letter = |to: &Email| self.outbox.item(to.as_str(), locale(call), password_changed(call), call.now);
        self.users.reset_password(&self.sessions, mailed, new, letter, call.now).await
    }

    fn tell_of_reset(&self, call: &Call<'_>, user_id: &str, sessions: Option<usize>) {
        let sessions = sessions.map(|count| count.to_string());
        self.gate.audit(call, Event::PasswordReset, Audit::of(user_id).detail(sessions.as_deref()));
    }

    /// The session of this browser ends, even if it is another user's, since its cookie is removed.
    async fn leave(&self, call: &Call<'_>, token: &Token, reset: &Reset) -> Result<Answer, Problem> {
        let ended = self.sessions.revoke(token, call.now).await?;
        let record = ended.as_ref().map(|ended| &ended.record);
        if let Some(other) = record.filter(|record| record.user_id != reset.ended.user_id) {
            self.gate.audit(call, Event::Logout, Audit::of(&*other.user_id).session(&token.id()));
        }
        Ok(self.gate.signed_out(ended.as_ref()))
    }

    fn refuse_link(&self, call: &Call<'_>, addressee: Option<&Addressee>, error: Error) -> Problem {
        if let Some(addressee) = addressee.filter(|_| is_committed(&error)) {
            self.tell_of_reset(call, &addressee.user_id, None);
        }
        let Error::Spent = error else { return unfinished(error) };
        self.gate.audit(call, Event::LinkRefused, Audit::default().reason("spent"));
        Problem::LinkExpired
    }
}
