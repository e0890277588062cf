use crate::{PASSWORD, Register};
use edge::{Answer, Audit, Call, Event, Keepsake, Problem, SignedIn, text};
use outbox::Locale;
use reason::Code;
use session::{Account, Login, Slide, Token};
use throttle::{Purpose, Try};
use users::{Challenge, Error, Invitation, Password};

const METHOD: &str = "password";

/// What a token stands for.
enum Made {
    /// The account that it has just made.
    Now(Account),
    /// The account that it made earlier, by its user's id.
    Before(String),
}

impl Register {
    pub(crate) async fn verify(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let presented = match self.gate.open_call(call, &self.sessions).await {
            // A page whose answer was lost has the session that the link made, and not its CSRF token.
            Err(Problem::Csrf) => return self.repeated(call).await,
            presented => presented?,
        };
        let (token, password) = read(call)?;

        let account = match self.make(call, &token, password.as_ref()).await? {
            Made::Now(account) => account,
            Made::Before(user_id) => {
                let again = self.again(call, presented.as_ref(), &user_id).await?;
                return again.ok_or_else(|| self.refused(call, "used", Problem::AlreadyVerified));
            }
        };
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

    /// The answer to a browser with a live session of the user whose account the token has made. Only the reader of the mail
    /// has the token, so no page of another site sent this.
    async fn repeated(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        // A client without the CSRF token does not learn what else is wrong with its request.
        let Ok((token, _)) = read(call) else { return Err(Problem::Csrf) };
        let Err(Error::Used { user_id }) = self.invitation(call, &token).await else { return Err(Problem::Csrf) };
        self.again(call, self.gate.token(call)?.as_ref(), &user_id).await?.ok_or(Problem::Csrf)
    }

    async fn again(&self, call: &Call<'_>, token: Option<&Token>, user_id: &str) -> Result<Option<Answer>, Problem> {
        let Some(token) = token else { return Ok(None) };
        let session = self.sessions.prove(token, Slide::No, call.now).await?;
        let own = session.filter(|session| session.record.user_id == user_id);
        Ok(own.map(|session| Answer::json(&SignedIn::new(token, &session))))
    }

    /// Makes the account that the mail was for, with the password given now or the one that this browser gave when it
    /// asked.
    async fn make(&self, call: &Call<'_>, token: &str, password: Option<&Password>) -> Result<Made, Problem> {
        let invitation = match self.invitation(call, token).await {
            Ok(invitation) => invitation,
            Err(error) => return self.refuse(call, error).await,
        };
        if let Some(password) = password {
            // A valid token may be shown with any number of passwords, and each has to be judged, which is work.
            let address = self.gate.client(call).ip;
            let tried = Try { purpose: Purpose::Choice, account: None, address: address.as_deref() };
            self.throttle.attempt(&tried, call.now, self.judge(password, &invitation.own_words())).await?;
        }
        match self.users.register(&invitation, password, call.now).await {
            Ok(account) => Ok(Made::Now(account)),
            Err(error) => self.refuse(call, error).await,
        }
    }

    async fn invitation(&self, call: &Call<'_>, token: &str) -> Result<Invitation, Error> {
        let challenge = Challenge::parse(token).ok_or(Error::Spent)?;
        let browser = self.gate.kept(call, Keepsake::Registration);
        self.users.invitation(&challenge, browser.as_ref(), call.now).await
    }

    async fn refuse(&self, call: &Call<'_>, error: Error) -> Result<Made, Problem> {
        Err(match error {
            Error::Used { user_id } => return Ok(Made::Before(user_id)),
            Error::Spent => {
                self.count(call).await?;
                self.refused(call, "spent", Problem::LinkExpired)
            }
            Error::Taken => self.refused(call, "taken", Problem::AccountExists),
            Error::PasswordNeeded => Problem::unusable(PASSWORD, Code::OtherBrowser),
            error => Problem::unavailable(&error),
        })
    }

    fn refused(&self, call: &Call<'_>, reason: &'static str, problem: Problem) -> Problem {
        self.gate.audit(call, Event::LinkRefused, Audit::default().reason(reason));
        problem
    }

    /// Counts an invalid token. It is counted after the check, which costs a read: so a person with a valid one is let
    /// in, whatever others at the same address have sent.
    async fn count(&self, call: &Call<'_>) -> Result<(), Problem> {
        let address = self.gate.client(call).ip;
        let tried = Try { purpose: Purpose::Token, account: None, address: address.as_deref() };
        Ok(self.throttle.count(&tried, call.now).await?)
    }
}

fn read(call: &Call<'_>) -> Result<(String, Option<Password>), Problem> {
    let mut body = call.body()?;
    let (token, password) = (body.required("token", text), body.optional(PASSWORD, Password::parse));
    body.finish(token.map(|token| (token, password)))
}
