use crate::Password;
use edge::{Answer, Audit, Call, Event, Problem};
use outbox::Matter;
use throttle::{Purpose, Try};
use users::Email;

impl Password {
    /// It does not check whether the address has an account.
    pub(crate) async fn request(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        self.gate.open_call(call, &self.sessions).await?;
        let mut body = call.body()?;
        let email = body.required("email", Email::parse);
        let email = body.finish(email)?;

        let address = self.gate.client(call).ip;
        let tried = Try { purpose: Purpose::Reset, account: Some(email.as_str()), address: address.as_deref() };
        let writing = self.write_to(call, email.as_str(), Matter::Reset);
        self.throttle.attempt(&tried, call.now, writing).await?;
        self.gate.audit(call, Event::ResetRequested, Audit::default());
        Ok(Answer::accepted())
    }
}
