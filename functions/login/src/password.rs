use crate::Login;
use edge::{Answer, Audit, Call, Event, Problem, SignedIn};
use outbox::Locale;
use serde::Deserialize;
use session::{Client, Session, Token};
use throttle::{Purpose, Try};
use users::{Email, Password};

const METHOD: &str = "password";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    password: String,
}

impl Login {
    pub(crate) async fn with_password(&self, call: &Call) -> Result<Answer, Problem> {
        let presented = self.gate.open_call(call, &self.sessions).await?;
        let (email, password) = read(call)?;
        let client = self.gate.browser(call)?;
        let tried = Try { purpose: Purpose::SignIn, account: Some(email.as_str()), address: client.ip.as_deref() };
        let entering = self.enter(call, (&email, &password), &client, presented.as_ref());
        let (token, session) = self.throttle.attempt(&tried, call.now, entering).await?;

        let (user_id, session_id) = (Some(session.record.user_id.as_str()), Some(session.id.as_str()));
        self.gate.audit(
            call,
            Event::Login,
            Audit { user_id, session_id, auth_method: Some(METHOD), ..Audit::default() },
        );
        let cookie = self.gate.session_cookie(&token, &session, call.now);
        let answer = Answer::json(&SignedIn::new(&token, &session)).cookie(cookie);
        Ok(answer.cookie(self.gate.browser_cookie(&client)))
    }

    async fn enter(
        &self,
        call: &Call,
        (email, password): (&Email, &Password),
        client: &Client,
        presented: Option<&Token>,
    ) -> Result<(Token, Session), Problem> {
        let account = self.users.with_password(email, password, call.now).await;
        let account = account.map_err(|error| self.refuse(call, error))?;
        let login = session::Login { account, auth_method: METHOD.to_owned(), client: client.clone(), presented };
        let locale = Locale::negotiate(call.header("accept-language"));
        Ok(self.notice.begin(&self.sessions, login, locale, call.now).await?)
    }

    fn refuse(&self, call: &Call, error: users::Error) -> Problem {
        let users::Error::Denied { denial, user_id } = error else { return Problem::unavailable(&error) };
        let (user_id, reason) = (user_id.as_deref(), Some(denial.as_str()));
        let audit = Audit { user_id, reason, auth_method: Some(METHOD), ..Audit::default() };
        self.gate.audit(call, Event::LoginFailed, audit);
        Problem::InvalidCredentials
    }
}

fn read(call: &Call) -> Result<(Email, Password), Problem> {
    let Credentials { email, password } = call.json()?;
    let email = Email::parse(&email).map_err(|reason| Problem::Unusable { member: "email", reason })?;
    let password = Password::parse(&password).map_err(|reason| Problem::Unusable { member: "password", reason })?;
    Ok((email, password))
}
