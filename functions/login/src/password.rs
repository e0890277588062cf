use crate::Login;
use edge::{Answer, Audit, Call, Event, Problem, SignedIn};
use entrance::{Credentials, METHOD};
use outbox::Locale;
use std::future::ready;

impl Login {
    pub(crate) async fn with_password(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let presented = self.gate.open_call(call, &self.sessions).await?;
        let mut body = call.body()?;
        let credentials = Credentials::read(&mut body);
        let credentials = body.finish(credentials)?;

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
