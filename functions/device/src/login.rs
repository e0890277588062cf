use crate::{Device, grant};
use edge::{Answer, Audit, Call, Event, Problem, User};
use outbox::Locale;
use serde::Deserialize;
use session::{Client, Login, RefreshToken, Session};
use throttle::{Purpose, Try};
use tokens::Minted;
use users::{Email, Name, Password};

const METHOD: &str = "password";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    password: String,
    device_name: String,
}

/// A device that was let in.
struct Entered {
    token: RefreshToken,
    session: Session,
    minted: Minted,
}

impl Device {
    pub(crate) async fn login(&self, call: &Call) -> Result<Answer, Problem> {
        let (email, password, name) = read(call)?;
        let client = self.gate.client(call);
        let tried = Try { purpose: Purpose::SignIn, account: Some(email.as_str()), address: client.ip.as_deref() };
        let entering = self.enter(call, (&email, &password), &client, name);
        let Entered { token, session, minted } = self.throttle.attempt(&tried, call.now, entering).await?;

        let audit = Audit {
            user_id: Some(&session.record.user_id),
            session_id: Some(session.id.as_str()),
            auth_method: Some(METHOD),
            detail: Some(session.record.kind.as_str()),
            ..Audit::default()
        };
        self.gate.audit(call, Event::Login, audit);
        Ok(grant(&minted, &token, Some(User::of(&session.record))))
    }

    async fn enter(
        &self,
        call: &Call,
        (email, password): (&Email, &Password),
        client: &Client,
        name: Name,
    ) -> Result<Entered, Problem> {
        self.ready(call).await?;
        let account = self.users.with_password(email, password, call.now).await;
        let account = account.map_err(|error| self.refuse(call, error))?;
        let login = Login { account, auth_method: METHOD.to_owned(), client: client.clone(), presented: None };
        let locale = Locale::negotiate(call.header("accept-language"));
        let begun = self.notice.begin_device(&self.sessions, login, name.into(), locale, call.now).await;
        let (token, session) = begun?;
        let minted = self.mint(&session, call).await?;
        Ok(Entered { token, session, minted })
    }

    fn refuse(&self, call: &Call, error: users::Error) -> Problem {
        let users::Error::Denied { denial, user_id } = error else { return Problem::unavailable(&error) };
        let (user_id, reason) = (user_id.as_deref(), Some(denial.as_str()));
        let audit = Audit { user_id, reason, auth_method: Some(METHOD), ..Audit::default() };
        self.gate.audit(call, Event::LoginFailed, audit);
        Problem::InvalidCredentials
    }
}

fn read(call: &Call) -> Result<(Email, Password, Name), Problem> {
    let Credentials { email, password, device_name } = call.json()?;
    let unusable = |member| move |reason| Problem::Unusable { member, reason };
    let email = Email::parse(&email).map_err(unusable("email"))?;
    let password = Password::parse(&password).map_err(unusable("password"))?;
    let name = Name::parse(&device_name).map_err(unusable("device_name"))?;
    Ok((email, password, name))
}
