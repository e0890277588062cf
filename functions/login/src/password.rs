use crate::Login;
use edge::{Answer, Audit, Call, Event, Problem, SignedIn};
use entrance::{Credentials, METHOD};
use outbox::Locale;
use serde::Deserialize;
use std::future::ready;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    email: String,
    password: String,
}

impl Login {
    pub(crate) async fn with_password(&self, call: &Call) -> Result<Answer, Problem> {
        let presented = self.gate.open_call(call, &self.sessions).await?;
        let Body { email, password } = call.json()?;
        let credentials = Credentials::parse(&email, &password)?;

        let client = self.gate.browser(call)?;
        let begin = async |account| {
            let presented = presented.as_ref();
            let login = session::Login { account, auth_method: METHOD.to_owned(), client: client.clone(), presented };
            let locale = Locale::negotiate(call.header("accept-language"));
            self.notice.begin(&self.sessions, login, locale, call.now).await
        };
        let entering = self.entrance.enter((&self.gate, call), &credentials, &client, ready(Ok(())), begin);
        let (token, session) = entering.await?;

        self.gate.audit(call, Event::Login, Audit::of_session(&session).method(METHOD));
        let cookie = self.gate.session_cookie(&token, &session, call.now);
        let answer = Answer::json(&SignedIn::new(&token, &session)).cookie(cookie);
        Ok(answer.cookie(self.gate.browser_cookie(&client)))
    }
}
