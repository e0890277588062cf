use crate::{Device, grant};
use edge::{Answer, Audit, Call, Event, Problem, User};
use entrance::{Credentials, METHOD};
use outbox::Locale;
use serde::Deserialize;
use session::Login;
use users::Name;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    email: String,
    password: String,
    device_name: String,
}

impl Device {
    pub(crate) async fn login(&self, call: &Call) -> Result<Answer, Problem> {
        let Body { email, password, device_name } = call.json()?;
        let credentials = Credentials::parse(&email, &password)?;
        let name = Name::parse(&device_name);
        let name = name.map_err(|reason| Problem::Unusable { member: "device_name", reason })?;

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
