use crate::{Device, grant};
use edge::{Answer, Audit, Call, Event, Problem, User};
use entrance::{Credentials, METHOD};
use outbox::Locale;
use session::Login;
use users::Name;

impl Device {
    pub(crate) async fn login(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        let mut body = call.body()?;
        let read = Credentials::read(&mut body).zip(body.required("device_name", Name::parse));
        let (credentials, name) = body.finish(read)?;

        let client = self.gate.client(call);
        let begin = async |account| {
            let login = Login { account, auth_method: METHOD.to_owned(), client: client.clone(), presented: None };
            let locale = Locale::negotiate(call.header("accept-language"));
            self.notice.begin_device(&self.sessions, login, name.into(), locale, call.now).await
        };
        let entering = self.entrance.enter((&self.gate, call), &credentials, &client, self.ready(call), begin);
        let (token, session) = entering.await?;
        let minted = self.mint(&session, call).await?;

        let audit = Audit::of_session(&session).method(METHOD).detail(session.record.kind.as_str());
        self.gate.audit(call, Event::Login, audit);
        Ok(grant(&minted, &token, Some(User::of(&session.record))))
    }
}
