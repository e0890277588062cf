//! Mails as a server receives them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod delivery;
mod form;
mod hostile;
mod recipient;
mod settings;
mod tls;
mod words;

use environment::{Environment, Faults};
use jiff::Timestamp;
use locale::Locale;
use mail::{Error, Mail, Sender};
use testkit::{CaughtMail, MailServer, then};

const ADA: &str = "ada@example.com";
const TOKEN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn read(variables: &[(&str, &str)]) -> Result<Sender, Faults> {
    let mut environment = Environment::of(variables.iter().copied());
    let sender = Sender::from_environment(&mut environment);
    environment.finish(sender)
}

/// A sender for this server, with `variables` on top of the usual ones.
fn sender(server: &MailServer, variables: &[(&str, &str)]) -> Sender {
    let url = server.url();
    let usual = [
        ("SMTP_URL", url.as_str()),
        ("MAIL_FROM", "Example <login@example.com>"),
        ("APP_URL", "https://app.example.com/home"),
        ("PUBLIC_URL", "https://app.example.com/auth"),
        ("OIDC_PROVIDERS", "google"),
        ("BRAND_NAME", "Example"),
    ];
    let others = usual.iter().filter(|(name, _)| variables.iter().all(|(other, _)| other != name));
    read(&others.chain(variables).copied().collect::<Vec<_>>()).unwrap()
}

/// The mail that the server receives, in English.
async fn sent(mail: Mail<'_>, variables: &[(&str, &str)]) -> CaughtMail {
    let server = MailServer::start().await;
    sender(&server, variables).send(ADA, Locale::En, mail, then()).await.unwrap();
    server.mails().pop().unwrap()
}

/// Sends one mail to a server that may refuse it.
async fn send(server: &MailServer, to: &str) -> Result<(), Error> {
    sender(server, &[]).send(to, Locale::En, Mail::Verify { token: TOKEN }, then()).await
}

fn sign_in<'a>(ip: Option<&'a str>, user_agent: Option<&'a str>) -> Mail<'a> {
    Mail::SignIn { at: Timestamp::from_second(0).unwrap(), ip, user_agent }
}
