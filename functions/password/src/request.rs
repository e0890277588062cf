use crate::Password;
use edge::{Answer, Audit, Call, Event, Problem};
use outbox::Matter;
use serde::Deserialize;
use throttle::{Purpose, Try};
use users::Email;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forgetful {
    email: String,
}

impl Password {
    /// It does not check whether the address has an account.
    pub(crate) async fn request(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        self.gate.open_call(call, &self.sessions).await?;
        let Forgetful { email } = call.json()?;
        let email = Email::parse(&email).map_err(|reason| Problem::Unusable { member: "email", reason })?;

        let address = self.gate.client(call).ip;
        let tried = Try { purpose: Purpose::Reset, account: Some(email.as_str()), address: address.as_deref() };
        let writing = self.write_to(call, email.as_str(), Matter::Reset);
        self.throttle.attempt(&tried, call.now, writing).await?;
        self.gate.audit(call, Event::ResetRequested, Audit::default());
        Ok(Answer::accepted())
    }
}
