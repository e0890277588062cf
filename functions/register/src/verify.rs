use crate::{Register, parse_password};
use edge::{Answer, Audit, Call, Event, Keepsake, Problem, SignedIn};
use outbox::Locale;
use serde::Deserialize;
use session::{Account, Login};
use throttle::{Purpose, Try};
use users::{Challenge, Error, Invitation, Password};

const METHOD: &str = "password";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    token: String,
    #[serde(default)]
    password: Option<String>,
}

impl Register {
    pub(crate) async fn verify(&self, call: &Call) -> Result<Answer, Problem> {
        let presented = self.gate.open_call(call, &self.sessions).await?;
        let (token, password) = read(call)?;

        let account = self.make(call, &token, password.as_ref()).await?;
        self.gate.audit(call, Event::Registered, Audit::of(&*account.user_id).method(METHOD));

        let client = self.gate.browser(call)?;
        let (auth_method, presented) = (METHOD.to_owned(), presented.as_ref());
        let login = Login { account, auth_method, client: client.clone(), presented };
        let locale = Locale::negotiate(call.header("accept-language"));
        let begun = self.notice.begin(&self.sessions, login, locale, call.now).await?;
        let (token, session) = begun.finish().await;
        self.gate.audit(call, Event::Login, Audit::of_session(&session).method(METHOD));
        let cookie = self.gate.session_cookie(&token, &session, call.now);
        let answer = Answer::created(&SignedIn::new(&token, &session)).cookie(cookie);
        Ok(answer.cookie(self.gate.browser_cookie(&client)))
    }

    /// Makes the account that the mail was for, with the password given now or the one that this browser gave when it
    /// asked.
    async fn make(&self, call: &Call, token: &str, password: Option<&Password>) -> Result<Account, Problem> {
        let invitation = match self.invitation(call, token).await {
            Ok(invitation) => invitation,
            Err(error) => return Err(self.refuse(call, error).await),
        };
        if let Some(password) = password {
            // A valid token may be shown with any number of passwords, and each has to be judged, which is work.
            let address = self.gate.client(call).ip;
            let tried = Try { purpose: Purpose::Choice, account: None, address: address.as_deref() };
            self.throttle.attempt(&tried, call.now, self.judge(password, &invitation.own_words())).await?;
        }
        match self.users.register(&invitation, password, call.now).await {
            Ok(account) => Ok(account),
            Err(error) => Err(self.refuse(call, error).await),
        }
    }

    async fn invitation(&self, call: &Call, token: &str) -> Result<Invitation, Error> {
        let challenge = Challenge::parse(token).ok_or(Error::Spent)?;
        let browser = self.gate.kept(call, Keepsake::Registration);
        self.users.invitation(&challenge, browser.as_ref(), call.now).await
    }

    async fn refuse(&self, call: &Call, error: Error) -> Problem {
        let (reason, problem) = match error {
            Error::Spent => match self.count(call).await {
                Ok(()) => ("spent", Problem::LinkExpired),
                Err(too_many) => return too_many,
            },
            Error::Taken => ("taken", Problem::AccountExists),
            Error::PasswordNeeded => {
                return Problem::Unusable {
                    member: "password",
                    reason: "is needed: another browser asked for the account",
                };
            }
            error => return Problem::unavailable(&error),
        };
        self.gate.audit(call, Event::LinkRefused, Audit::default().reason(reason));
        problem
    }

    /// Counts an invalid token. It is counted after the check, which costs a read: so a person with a valid one is let
    /// in, whatever others at the same address have sent.
    async fn count(&self, call: &Call) -> Result<(), Problem> {
        let address = self.gate.client(call).ip;
        let tried = Try { purpose: Purpose::Token, account: None, address: address.as_deref() };
        Ok(self.throttle.count(&tried, call.now).await?)
    }
}

fn read(call: &Call) -> Result<(String, Option<Password>), Problem> {
    let Body { token, password } = call.json()?;
    let password = password.map(|password| parse_password(&password)).transpose()?;
    Ok((token, password))
}
