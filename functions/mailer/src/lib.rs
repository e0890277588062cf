//! Sends the letters of the outbox. It has no route: the outbox's stream calls it, and a schedule each minute, with an
//! event that is not read.
//!
//! A letter is sent at least once. Of several mailers only one gets it, for a minute. If a mailer dies between sending
//! a mail and recording it, the next one sends another mail with another token. Both tokens work until one is used.

mod delivery;

use delivery::Outcome;
use dynamo::{Dynamo, SdkConfig};
use environment::Environment;
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use mail::Sender;
use outbox::{Letter, Outbox};
use serde::Serialize;
use users::Users;

/// How long new letters are begun; the last one may take ten seconds more, and the store's time.
const LIMIT: SignedDuration = SignedDuration::from_secs(20);

/// Letters that are sent at the same time.
const AT_ONCE: usize = 8;

type Clock<'a> = dyn Fn() -> Timestamp + Sync + 'a;

/// The function that sends mails.
pub struct Mailer {
    outbox: Outbox,
    users: Users,
    sender: Sender,
}

/// The result of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Mails that a server has accepted.
    pub sent: usize,
    /// Letters that are tried again later.
    pub postponed: usize,
    /// Letters that were given up.
    pub lost: usize,
}

impl Mailer {
    /// The function with the settings that it reads; `None` when one has a fault, which stays in `environment`.
    pub fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let sender = Sender::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let users = Users::from_environment(environment, &dynamo);
        Some(Self { outbox: Outbox::new(dynamo), users: users?, sender: sender? })
    }

    /// Sends what is due, until nothing is left or 20 seconds of `clock` have passed.
    ///
    /// # Errors
    /// When the outbox cannot be read. Nothing is lost: the next call continues.
    pub async fn deliver(&self, clock: impl Fn() -> Timestamp + Sync) -> Result<Report, dynamo::Error> {
        let clock: &Clock<'_> = &clock;
        let until = clock().checked_add(LIMIT).unwrap_or(Timestamp::MAX);
        let mut report = Report::default();
        while clock() < until {
            let due = self.outbox.due(clock()).await?.into_iter().map(|letter| self.handle(letter, clock, until));
            let outcomes: Vec<Outcome> = stream::iter(due).buffer_unordered(AT_ONCE).collect().await;
            outcomes.iter().for_each(|outcome| report.count(*outcome));
            // Letters that others have claimed, or that the store did not give, would only be found again.
            if outcomes.iter().all(|outcome| *outcome == Outcome::Untouched) {
                break;
            }
        }
        Ok(report)
    }

    async fn handle(&self, letter: Letter, clock: &Clock<'_>, until: Timestamp) -> Outcome {
        if clock() >= until {
            return Outcome::Untouched;
        }
        match self.outbox.claim(&letter, clock()).await {
            Ok(Some(letter)) => self.conclude(&letter, clock).await,
            Ok(None) => Outcome::Untouched,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    mail_id = letter.mail_id,
                    "a letter cannot be claimed"
                );
                Outcome::Untouched
            }
        }
    }
}

impl Report {
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Sent => self.sent += 1,
            Outcome::Postponed => self.postponed += 1,
            Outcome::Lost => self.lost += 1,
            Outcome::Needless | Outcome::Untouched => {}
        }
    }
}
