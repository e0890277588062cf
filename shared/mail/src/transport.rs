use crate::{Error, Stage, tls::Tls};
use lettre::{
    Address,
    transport::smtp::{
        self, SUBMISSION_PORT, SUBMISSIONS_PORT,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use std::{error::Error as _, time::Duration};
use tokio::time::timeout;

/// The time that a server has for a whole mail.
const LIMIT: Duration = Duration::from_secs(10);

/// A connection to a mail server. No `Debug` form: it holds a password.
pub(crate) struct Transport {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub credentials: Option<Credentials>,
    /// The name that we give ourselves (RFC 5321, section 4.1.1.1).
    pub name: ClientId,
}

/// How a connection is encrypted.
pub(crate) enum Security {
    /// Not at all: for a server on this machine.
    Plain,
    /// By `STARTTLS`; without it no mail is sent (RFC 3207).
    Upgraded(Tls),
    /// From the first byte (RFC 8314, section 3).
    Encrypted(Tls),
}

impl Security {
    pub fn default_port(&self) -> u16 {
        match self {
            Self::Plain => smtp::SMTP_PORT,
            Self::Upgraded(_) => SUBMISSION_PORT,
            Self::Encrypted(_) => SUBMISSIONS_PORT,
        }
    }
}

impl Transport {
    /// Hands a mail over, step by step: only the reply to the recipient says that this recipient will never get mail.
    ///
    /// # Errors
    /// Any [`Error`], within ten seconds. After an error past the recipient, the server may still have taken the mail.
    pub async fn send(&self, from: &Address, to: &Address, mail: &[u8]) -> Result<(), Error> {
        timeout(LIMIT, self.converse(from, to, mail)).await.unwrap_or(Err(Error::Slow))
    }

    async fn converse(&self, from: &Address, to: &Address, mail: &[u8]) -> Result<(), Error> {
        let mut server = self.connect().await?;
        let sender = Mail::new(Some(from.clone()), parameters(&server, to, mail)?);
        server.command(sender).await.map_err(at(Stage::Sender))?;
        server.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(recipient)?;
        server.command(Data).await.map_err(at(Stage::Content))?;
        server.message(mail).await.map_err(at(Stage::Content))?;
        // The server has the mail now. If it closes slowly, that must not look like a failure.
        drop(timeout(Duration::from_secs(1), server.abort()).await);
        Ok(())
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let encrypted = match &self.security {
            Security::Encrypted(tls) => Some(tls.parameters(&self.host).map_err(at(Stage::Connect))?),
            Security::Plain | Security::Upgraded(_) => None,
        };
        let address = (self.host.as_str(), self.port);
        let connected = AsyncSmtpConnection::connect_tokio1(address, Some(LIMIT), &self.name, encrypted, None);
        let mut server = connected.await.map_err(at(Stage::Connect))?;
        if let Security::Upgraded(tls) = &self.security {
            let tls = tls.parameters(&self.host).map_err(at(Stage::Encrypt))?;
            server.starttls(tls, &self.name).await.map_err(at(Stage::Encrypt))?;
        }
        if let Some(credentials) = &self.credentials {
            server.auth(DEFAULT_MECHANISMS, credentials).await.map_err(at(Stage::Authenticate))?;
        }
        Ok(server)
    }
}

/// What the server has to know before the mail: an address beyond ASCII (RFC 6531), a header beyond ASCII (RFC 6152).
fn parameters(server: &AsyncSmtpConnection, to: &Address, mail: &[u8]) -> Result<Vec<MailParameter>, Error> {
    let has = |extension| server.server_info().supports_feature(extension);
    let mut parameters = Vec::new();
    if !to.user().is_ascii() {
        let able = has(Extension::SmtpUtfEight).then_some(MailParameter::SmtpUtfEight);
        parameters.push(able.ok_or(Error::Address)?);
    }
    if !mail.is_ascii() && has(Extension::EightBitMime) {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}

fn recipient(error: smtp::Error) -> Error {
    match error.status() {
        Some(code) if is_about_recipient(&error) => Error::Recipient(code.into()),
        _ => at(Stage::Recipient)(error),
    }
}

/// Whether a reply says that this address will never get mail. The reply code alone does not: servers give the same
/// code when they do not know us, do not relay, or reject an earlier command, all of which an operator can correct.
fn is_about_recipient(error: &smtp::Error) -> bool {
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    error.is_permanent() && said.split_whitespace().next().is_some_and(is_recipient_status)
}

/// Whether an enhanced status code is a permanent one about the recipient's address (RFC 3463, section 3.2): `5.1.x`,
/// except `5.1.7` and `5.1.8`, which are about the sender's.
fn is_recipient_status(code: &str) -> bool {
    let detail = code.strip_prefix("5.1.").filter(|detail| detail.bytes().all(|byte| byte.is_ascii_digit()));
    detail.and_then(|detail| detail.parse::<u16>().ok()).is_some_and(|detail| !matches!(detail, 7 | 8))
}

fn at(stage: Stage) -> impl FnOnce(smtp::Error) -> Error {
    move |error| match error.status() {
        Some(code) => Error::Refused { stage, code: code.into() },
        None => Error::Broken { stage, reason: reason(&error) },
    }
}

/// The kind of failure; the rest of an error may quote the server.
fn reason(error: &smtp::Error) -> &'static str {
    match () {
        () if error.is_timeout() => "time-out",
        () if error.is_tls() => "TLS",
        () if error.is_response() => "not SMTP",
        () if error.is_client() => "lacks what we need",
        () => "network",
    }
}
