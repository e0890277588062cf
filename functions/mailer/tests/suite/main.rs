//! The function on real stores, with a mail server that can be told to misbehave.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit;
mod faults;
mod letters;
mod mailers;
mod start;

use jiff::{SignedDuration, Timestamp};
use mailer::{Mailer, Report};
use outbox::{Locale, Matter, Outbox};
use scene::{MailServer, Stores, now, settings};
use session::{Account, Token};
use users::{Challenge, Email, NewUser, Password, Passwords, Users};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";

/// Stores, a mail server, and the time of the test.
struct Scene {
    stores: Stores,
    server: MailServer,
    now: Timestamp,
}

impl Scene {
    async fn new() -> Self {
        Self { stores: Stores::without_redis().await, server: MailServer::start().await, now: now() }
    }

    /// One more instance of the function.
    fn mailer(&self) -> Mailer {
        let mail = [("SMTP_URL", self.server.url()), ("MAIL_FROM", "login@example.com".to_owned())];
        self.stores.wired(Mailer::wire, &mail.map(|(name, value)| (name.to_owned(), value)))
    }

    fn outbox(&self) -> Outbox {
        Outbox::new(self.stores.dynamo())
    }

    fn users(&self) -> Users {
        let cheap = [("ARGON2_MEMORY_KIB", "8"), ("ARGON2_TIME_COST", "1")];
        let cheap = cheap.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Users::new(self.stores.dynamo(), settings(cheap.into(), Passwords::from_environment))
    }

    /// Makes an account for an address.
    async fn account(&self, email: &str) {
        let email = Email::parse(email).unwrap();
        let new = NewUser { email, password: Some(Password::parse(PASSWORD).unwrap()), name: None };
        self.users().add(new, self.now).await.unwrap();
    }

    async fn put(&self, to: &str, matter: Matter) {
        self.outbox().put(to, Locale::En, matter, self.now).await.unwrap();
    }

    /// The report of one call, some seconds after the start.
    async fn deliver_after(&self, seconds: i64) -> Report {
        let now = self.after(seconds);
        self.mailer().deliver(|| now).await.unwrap()
    }

    /// How many letters are due at the end of time.
    async fn left(&self) -> usize {
        self.outbox().due(Timestamp::MAX).await.unwrap().len()
    }

    fn after(&self, seconds: i64) -> Timestamp {
        self.now + SignedDuration::from_secs(seconds)
    }

    /// The subjects of the sent mails.
    fn subjects(&self) -> Vec<String> {
        // After the name of the product.
        let subjects = self.server.mails().into_iter().map(|mail| mail.header("Subject").unwrap());
        subjects.map(|subject| subject.strip_prefix("app.example.com: ").unwrap().to_owned()).collect()
    }
}

/// The value kept by the browser that asks for accounts.
fn registrant() -> Token {
    Token::parse(&"A".repeat(43)).unwrap()
}

/// Opens the link of a mail in that browser.
async fn register(scene: &Scene, challenge: &Challenge, at: Timestamp) -> Result<Account, users::Error> {
    let invitation = scene.users().invitation(challenge, Some(&registrant()), at).await?;
    scene.users().register(&invitation, None, at).await
}

async fn registration(scene: &Scene) -> Matter {
    let password_hash = scene.users().hash(&Password::parse(PASSWORD).unwrap()).await.unwrap();
    let browser = Some(registrant().id().to_string());
    Matter::Register { password_hash, name: Some("Ada".to_owned()), browser }
}

const fn sent(sent: usize) -> Report {
    Report { sent, postponed: 0, lost: 0 }
}

const fn postponed(postponed: usize) -> Report {
    Report { sent: 0, postponed, lost: 0 }
}

const fn lost(lost: usize) -> Report {
    Report { sent: 0, postponed: 0, lost }
}
