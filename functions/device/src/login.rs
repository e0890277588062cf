use crate::{Device, grant};
use edge::{Answer, Audit, Call, Event, Problem, User};
use jiff::Timestamp;
use notice::Begun;
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
    account_created_at: Timestamp,
}

impl Device {
    pub(crate) async fn login(&self, call: &Call) -> Result<Answer, Problem> {
        let (email, password, name) = read(call)?;
        let client = self.gate.client(call);
        let tried = Try { purpose: Purpose::SignIn, account: Some(email.as_str()), address: client.ip.as_deref() };
        let entering = self.enter(call, (&email, &password), &client, name);
        let entered = self.throttle.attempt(&tried, call.now, entering).await?;
        let Entered { token, session, minted, account_created_at } = entered;

        let audit = Audit {
            user_id: Some(&session.record.user_id),
            session_id: Some(session.id.as_str()),
            auth_method: Some(METHOD),
            detail: Some(session.record.kind.as_str()),
            ..Audit::default()
        };
        self.gate.audit(call, Event::Login, audit);
        let locale = Locale::negotiate(call.header("accept-language"));
        let begun = Begun { session: &session, account_created_at, client: &client, locale };
        self.notice.after(&self.sessions, begun, call.now).await;
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
        let account_created_at = account.created_at;
        let login = Login { account, auth_method: METHOD.to_owned(), client: client.clone(), presented: None };
        let (token, session) = self.sessions.create_device(login, name.into(), call.now).await?;
        let minted = self.mint(&session, call).await?;
        Ok(Entered { token, session, minted, account_created_at })
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
