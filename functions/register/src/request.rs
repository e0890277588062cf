use crate::{PASSWORD, Register};
use edge::{Answer, Audit, Call, Event, Keepsake, Problem};
use outbox::{Locale, Matter};
use session::Token;
use throttle::{Purpose, Try};
use users::{Email, Name, Password};

struct Wanted {
    email: Email,
    /// The address as the person wrote it, which is how they might use it in a password.
    written: String,
    password: Password,
    name: Option<Name>,
}

impl Register {
    pub(crate) async fn request(&self, call: &Call<'_>) -> Result<Answer, Problem> {
        self.gate.open_call(call, &self.sessions).await?;
        let Wanted { email, written, password, name } = read(call)?;

        let address = self.gate.client(call).ip;
        let tried = |purpose, account| Try { purpose, account, address: address.as_deref() };
        // Judging is work, so it is counted, but by address only: a person who looks for a good password asks for no
        // mail yet.
        let own_words: Vec<_> = [email.as_str(), &written].into_iter().chain(name.as_ref().map(Name::as_str)).collect();
        let judging = self.judge(&password, &own_words);
        self.throttle.attempt(&tried(Purpose::Choice, None), call.now, judging).await?;

        let browser = self.gate.keep(call, Keepsake::Registration)?;
        let asking = self.ask(call, &email, &password, (name, &browser));
        self.throttle.attempt(&tried(Purpose::Register, Some(email.as_str())), call.now, asking).await?;
        self.gate.audit(call, Event::RegisterRequested, Audit::default());
        Ok(Answer::accepted().cookie(self.gate.keepsake_cookie(Keepsake::Registration, &browser)))
    }

    /// The hash of the password waits in the letter, for the browser that asks.
    async fn ask(
        &self,
        call: &Call<'_>,
        email: &Email,
        password: &Password,
        (name, browser): (Option<Name>, &Token),
    ) -> Result<(), Problem> {
        let hashed = self.users.hash(password).await;
        let password_hash = hashed.map_err(|error| Problem::unavailable(&error))?;
        let locale = Locale::negotiate(call.header("accept-language"));
        let (name, hash) = (name.map(String::from), browser.id().to_string());
        let matter = Matter::Register { password_hash, name, browser: Some(hash) };
        let put = self.outbox.put(email.as_str(), locale, matter, call.now).await;
        put.map_err(|error| Problem::unavailable(&error))
    }
}

fn read(call: &Call<'_>) -> Result<Wanted, Problem> {
    let mut body = call.body()?;
    let email = body.required("email", |text| Ok((Email::parse(text)?, text.to_owned())));
    let password = body.required(PASSWORD, Password::parse);
    let name = body.optional("name", Name::parse);
    let wanted = email.zip(password).map(|((email, written), password)| Wanted { email, written, password, name });
    body.finish(wanted)
}
