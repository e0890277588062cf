use crate::Register;
use edge::{Answer, Audit, Call, Event, Problem, SignedIn};
use outbox::Locale;
use serde::Deserialize;
use session::{Account, Login, Session};
use throttle::{Purpose, Try};
use users::{Challenge, Error};

const METHOD: &str = "password";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    token: String,
}

impl Register {
    pub(crate) async fn verify(&self, call: &Call) -> Result<Answer, Problem> {
        let presented = self.gate.open_call(call, &self.sessions).await?;
        let Proof { token } = call.json()?;

        let account = match self.register(call, &token).await {
            Ok(account) => account,
            Err(error) => return Err(self.refuse(call, error).await),
        };
        let audit = Audit { user_id: Some(&account.user_id), auth_method: Some(METHOD), ..Audit::default() };
        self.gate.audit(call, Event::Registered, audit);

        let client = self.gate.browser(call)?;
        let (auth_method, presented) = (METHOD.to_owned(), presented.as_ref());
        let login = Login { account, auth_method, client: client.clone(), presented };
        let locale = Locale::negotiate(call.header("accept-language"));
        let (token, session) = self.notice.begin(&self.sessions, login, locale, call.now).await?;
        self.tell(call, &session);
        let cookie = self.gate.session_cookie(&token, &session, call.now);
        let answer = Answer::created(&SignedIn::new(&token, &session)).cookie(cookie);
        Ok(answer.cookie(self.gate.browser_cookie(&client)))
    }

    async fn register(&self, call: &Call, token: &str) -> Result<Account, Error> {
        let challenge = Challenge::parse(token).ok_or(Error::Spent)?;
        self.users.register(&challenge, call.now).await
    }

    fn tell(&self, call: &Call, session: &Session) {
        let (user_id, session_id) = (Some(session.record.user_id.as_str()), Some(session.id.as_str()));
        let audit = Audit { user_id, session_id, auth_method: Some(METHOD), ..Audit::default() };
        self.gate.audit(call, Event::Login, audit);
    }

    async fn refuse(&self, call: &Call, error: Error) -> Problem {
        let (reason, problem) = match error {
            Error::Spent => match self.count(call).await {
                Ok(()) => ("spent", Problem::LinkExpired),
                Err(too_many) => return too_many,
            },
            Error::Taken => ("taken", Problem::AccountExists),
            error => return Problem::unavailable(&error),
        };
        self.gate.audit(call, Event::LinkRefused, Audit { reason: Some(reason), ..Audit::default() });
        problem
    }

    /// Counts a token that is good for nothing. After it was looked at, which costs a read: who has a good one is let in,
    /// whatever others at the same address have sent.
    async fn count(&self, call: &Call) -> Result<(), Problem> {
        let address = self.gate.client(call).ip;
        let tried = Try { purpose: Purpose::Token, account: None, address: address.as_deref() };
        Ok(self.throttle.count(&tried, call.now).await?)
    }
}
