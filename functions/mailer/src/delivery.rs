use crate::{Clock, Mailer};
use jiff::Timestamp;
use mail::Mail;
use outbox::{Letter, Matter};
use users::{Email, Registration};

/// The result for a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A server has the mail.
    Sent,
    /// There was nothing to send.
    Needless,
    /// It is tried again later.
    Postponed,
    /// It never will be sent.
    Lost,
    /// Another mailer has it, or it is gone.
    Untouched,
}

/// Why no mail was sent. Neither variant holds an address or a token.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("the address is none")]
    Address,
    #[error(transparent)]
    Users(#[from] users::Error),
    #[error(transparent)]
    Mail(#[from] mail::Error),
}

impl Error {
    fn is_permanent(&self) -> bool {
        match self {
            Self::Address => true,
            Self::Users(_) => false,
            Self::Mail(error) => error.is_permanent(),
        }
    }
}

impl Mailer {
    /// Finishes a claimed letter, or gives it back.
    pub(crate) async fn conclude(&self, letter: &Letter, clock: &Clock<'_>) -> Outcome {
        if letter.is_stale(clock()) {
            lost(letter, "stale");
            return self.settle(letter, Outcome::Lost).await;
        }
        match self.send(letter, clock()).await {
            Ok(Some(mail)) => {
                let (mail_id, attempts) = (&letter.mail_id, letter.attempts);
                tracing::info!(target: "audit", event = "mail_sent", detail = mail, mail_id, attempts);
                self.settle(letter, Outcome::Sent).await
            }
            Ok(None) => self.settle(letter, Outcome::Needless).await,
            Err(failure) if failure.is_permanent() => {
                lost(letter, &failure.to_string());
                self.settle(letter, Outcome::Lost).await
            }
            Err(failure) => {
                let (mail_id, attempts) = (&letter.mail_id, letter.attempts);
                tracing::warn!(error = &failure as &dyn std::error::Error, mail_id, attempts, "a mail is postponed");
                self.postpone(letter, clock()).await
            }
        }
    }

    /// Finds out what to tell, makes the token for it, and hands the mail over. Returns the name of the mail, or `None`
    /// when there is nothing to tell. The mail goes to the address in the form that accounts use.
    async fn send(&self, letter: &Letter, now: Timestamp) -> Result<Option<&'static str>, Error> {
        let email = Email::parse(&letter.to).map_err(|_| Error::Address)?;
        let post = async |mail: Mail<'_>| {
            self.sender.send(email.as_str(), letter.locale, mail, now).await?;
            Ok::<_, Error>(Some(mail.as_str()))
        };
        match &letter.matter {
            Matter::Register { password_hash, name, browser } => {
                let asked =
                    Registration { password_hash: password_hash.clone(), name: name.clone(), browser: browser.clone() };
                match self.users.begin_registration(&email, asked, now).await? {
                    Some(challenge) => post(Mail::Verify { token: &challenge.expose() }).await,
                    None => post(Mail::Known).await,
                }
            }
            Matter::Reset => match self.users.begin_reset(&email, now).await? {
                Some(challenge) => post(Mail::Reset { token: &challenge.expose() }).await,
                None => Ok(None),
            },
            Matter::PasswordChanged { at } => post(Mail::PasswordChanged { at: *at }).await,
            Matter::IdentityLinked { provider, at } => post(Mail::IdentityLinked { provider, at: *at }).await,
            Matter::IdentityUnlinked { provider, at } => post(Mail::IdentityUnlinked { provider, at: *at }).await,
            Matter::SignIn { at, ip, user_agent } => {
                post(Mail::SignIn { at: *at, ip: ip.as_deref(), user_agent: user_agent.as_deref() }).await
            }
        }
    }

    /// If a letter cannot be removed, it is due again when the claim ends.
    async fn settle(&self, letter: &Letter, outcome: Outcome) -> Outcome {
        if let Err(error) = self.outbox.settle(letter).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                mail_id = letter.mail_id,
                "a letter that is done with cannot be removed"
            );
        }
        outcome
    }

    /// If a letter cannot be given back, it is due again when the claim ends.
    async fn postpone(&self, letter: &Letter, now: Timestamp) -> Outcome {
        if let Err(error) = self.outbox.postpone(letter, now).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                mail_id = letter.mail_id,
                "a letter cannot be given back"
            );
        }
        Outcome::Postponed
    }
}

fn lost(letter: &Letter, reason: &str) {
    let (mail_id, attempts, detail) = (&letter.mail_id, letter.attempts, letter.matter.as_str());
    tracing::info!(target: "audit", event = "mail_lost", detail, reason, mail_id, attempts);
}
