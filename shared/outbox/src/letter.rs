use crate::{Locale, Matter};
use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::{
    SignedDuration, Timestamp,
    fmt::serde::timestamp::{millisecond, second},
};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};
use uuid::{NoContext, Uuid};

/// How long sending a letter is tried: after that its content is stale.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// How long a row outlives its letter. The store must not remove it before an operator can notice that it was never
/// sent.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long a claimed letter is reserved for the claimant; longer than sending one can take.
const LEASE: SignedDuration = SignedDuration::from_mins(1);

/// The wait after the first failure; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// A row of `outbox`. Its `Debug` form shows neither the address nor the content of the letter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The key (UUID version 7, RFC 9562: it sorts by time).
    pub mail_id: String,
    /// The address it goes to.
    pub to: String,
    /// The language it is written in.
    pub locale: Locale,
    /// What the letter is about.
    pub matter: Matter,
    /// When it was put here (milliseconds since the epoch).
    #[serde(with = "millisecond::required")]
    pub created_at: Timestamp,
    /// How often it has been claimed.
    pub attempts: u32,
    /// When it may be claimed next (milliseconds since the epoch).
    #[serde(with = "millisecond::required")]
    pub next_attempt_at: Timestamp,
    /// When it is given up (milliseconds since the epoch).
    #[serde(with = "millisecond::required")]
    pub expires_at: Timestamp,
    /// When the store removes the row if it still exists (seconds since the epoch).
    #[serde(with = "second::required")]
    pub purge_at: Timestamp,
}

impl Letter {
    pub(crate) fn new(to: &str, locale: Locale, matter: Matter, now: Timestamp) -> Self {
        // Rounded to the stored precision, so that a letter equals its row.
        let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let moment = uuid::Timestamp::from_unix(NoContext, seconds, now.subsec_nanosecond().unsigned_abs());
        let expires_at = later(now, LIFETIME);
        Self {
            mail_id: Uuid::new_v7(moment).to_string(),
            to: to.to_owned(),
            locale,
            matter,
            created_at: now,
            attempts: 0,
            next_attempt_at: now,
            expires_at,
            purge_at: later(expires_at, KEPT),
        }
    }

    /// Whether it is too old to be sent.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// The letter after a claim.
    pub(crate) fn claimed(&self, now: Timestamp) -> Self {
        let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        Self { attempts: self.attempts.saturating_add(1), next_attempt_at: later(now, LEASE), ..self.clone() }
    }

    /// When to try again after a failure: after 30 seconds, doubled with each failure, at most 15 minutes.
    pub(crate) fn retry_at(&self, now: Timestamp) -> Timestamp {
        let waits = ExponentialBuilder::new().with_min_delay(FIRST_WAIT).with_max_delay(LONGEST_WAIT);
        // The longest wait is reached after far fewer doublings.
        let failures = usize::try_from(self.attempts.clamp(1, 16)).unwrap_or(16);
        let wait = waits.with_max_times(16).build().nth(failures - 1).unwrap_or(LONGEST_WAIT);
        later(now, SignedDuration::try_from(wait).unwrap_or(LEASE))
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut form = formatter.debug_struct("Letter");
        form.field("mail_id", &self.mail_id).field("matter", &self.matter).finish_non_exhaustive()
    }
}

/// A moment past the end of the calendar becomes the end.
fn later(moment: Timestamp, wait: SignedDuration) -> Timestamp {
    moment.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(attempts: u32) -> Letter {
        let (password_hash, name) = ("$argon2id$".to_owned(), Some("Ada".to_owned()));
        let matter = Matter::Register { password_hash, name, browser: Some("SHA".to_owned()) };
        Letter { attempts, ..Letter::new("ada@example.com", Locale::En, matter, Timestamp::UNIX_EPOCH) }
    }

    #[test]
    fn the_wait_doubles_from_half_a_minute_to_a_quarter_of_an_hour() {
        let waits = [1, 2, 3, 4, 5, 6, 7, u32::MAX].map(|n| letter(n).retry_at(Timestamp::UNIX_EPOCH).as_second());
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(letter(0).retry_at(Timestamp::UNIX_EPOCH).as_second(), 30);
    }

    #[test]
    fn a_letter_is_stale_after_a_day_to_the_millisecond() {
        let letter = letter(0);
        assert!(!letter.is_stale(Timestamp::from_millisecond(24 * 60 * 60 * 1_000 - 1).unwrap()));
        assert!(letter.is_stale(Timestamp::from_second(24 * 60 * 60).unwrap()));
    }

    #[test]
    fn a_row_outlives_its_letter_by_a_week() {
        let letter = letter(0);
        assert_eq!(letter.purge_at.duration_since(letter.expires_at), SignedDuration::from_hours(7 * 24));
    }

    #[test]
    fn debug_shows_neither_the_address_nor_the_hash() {
        let text = format!("{:?}", letter(0));
        assert!(text.contains("register"), "{text}");
        for private in ["ada", "argon2id", "Ada", "SHA"] {
            assert!(!text.contains(private), "{text}");
        }
    }
}
