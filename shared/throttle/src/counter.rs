use crate::limits::{LONGEST, Limit, TRUST, later};
use jiff::{SignedDuration, Timestamp, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The name of the table, without its prefix.
pub(crate) const TABLE: &str = "throttle";

/// A row of `throttle`: how often something was tried in the window that is open.
///
/// Until when the next try is refused is not stored but follows from the number and the time of the tries, so that tries
/// that were counted side by side, each without knowing of the other, make the wait that their number deserves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counter {
    pub key: String,
    /// Tries in the window that have not been taken back.
    pub tries: u32,
    /// When the window began: at the first of them.
    #[serde(with = "millisecond::required")]
    pub began_at: Timestamp,
    /// When the last of them was.
    #[serde(with = "millisecond::required")]
    pub last_at: Timestamp,
    /// Until when the account's own counter does not matter to this pair.
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pub trusted_until: Option<Timestamp>,
    /// Seconds since the epoch: DynamoDB's own time to live removes the row some time after.
    pub purge_at: i64,
}

impl Counter {
    /// How long the next try has to wait at `now`. Never longer than after a try at this moment: the last one may have been
    /// counted by an instance whose clock is ahead.
    pub fn wait(&self, limit: Limit, now: Timestamp) -> Duration {
        let whole = limit.wait_after(self.tries);
        let passed = now.duration_since(self.last_at).try_into().unwrap_or(Duration::ZERO);
        whole.saturating_sub(passed)
    }

    /// Whether it says nothing any more, so that the next try is the first of a new window.
    pub fn is_over(&self, limit: Limit, now: Timestamp) -> bool {
        let window_ends_at = later(self.began_at, limit.window);
        self.tries == 0 || (now >= window_ends_at && self.wait(limit, now).is_zero())
    }

    pub fn is_trusted(&self, now: Timestamp) -> bool {
        self.trusted_until.is_some_and(|until| now < until)
    }

    /// The counter with one try more.
    pub fn next(key: &str, seen: Option<&Self>, limit: Limit, now: Timestamp) -> Self {
        let open = seen.filter(|seen| !seen.is_over(limit, now));
        let began_at = open.map_or(now, |open| open.began_at);
        let trusted_until = seen.and_then(|seen| seen.trusted_until);
        Self {
            key: key.to_owned(),
            tries: open.map_or(0, |open| open.tries).saturating_add(1),
            began_at,
            last_at: now,
            trusted_until,
            purge_at: purge_at(limit, began_at).max(trusted_until.map_or(0, whole_second)),
        }
    }

    /// The mark of a success: no tries, and trust.
    pub fn trusted(key: &str, now: Timestamp) -> Self {
        let until = later(now, TRUST);
        let (trusted_until, purge_at) = (Some(until), whole_second(until));
        Self { key: key.to_owned(), tries: 0, began_at: now, last_at: now, trusted_until, purge_at }
    }
}

/// When the row of a window may be forgotten: after the longest wait that its last try can bring.
pub(crate) fn purge_at(limit: Limit, began_at: Timestamp) -> i64 {
    let longest = SignedDuration::try_from(LONGEST).unwrap_or(SignedDuration::MAX);
    whole_second(later(later(began_at, limit.window), longest))
}

/// In seconds, rounded up: a row must not go before its time.
fn whole_second(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { free: 2, window: SignedDuration::from_secs(100) };

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    fn tried(moments: &[i64]) -> Counter {
        let counter = moments
            .iter()
            .fold(None, |seen: Option<Counter>, moment| Some(Counter::next("k", seen.as_ref(), LIMIT, at(*moment))));
        counter.unwrap()
    }

    #[test]
    fn a_window_begins_with_its_first_try_and_is_over_to_the_millisecond() {
        let counter = tried(&[5, 90_000]);
        assert_eq!((counter.tries, counter.began_at), (2, at(5)));
        let one = tried(&[5]);
        assert!(!one.is_over(LIMIT, at(100_004)));
        assert!(one.is_over(LIMIT, at(100_005)));
        assert_eq!((tried(&[5, 100_005]).tries, tried(&[5, 100_005]).began_at), (1, at(100_005)));
    }

    #[test]
    fn a_wait_outlasts_its_window() {
        let counter = tried(&[0, 90_000]);
        assert_eq!(counter.wait(LIMIT, at(100_000)), Duration::from_secs(20));
        assert!(!counter.is_over(LIMIT, at(119_999)));
        assert_eq!(counter.wait(LIMIT, at(119_999)), Duration::from_millis(1));
        assert!(counter.is_over(LIMIT, at(120_000)));
        assert_eq!(counter.wait(LIMIT, at(120_000)), Duration::ZERO);
    }

    #[test]
    fn a_clock_that_is_ahead_makes_nobody_wait_longer() {
        let one = tried(&[5_000]);
        assert_eq!(one.wait(LIMIT, at(0)), Duration::ZERO);
        let two = tried(&[5_000, 5_000]);
        assert_eq!(two.wait(LIMIT, at(0)), Duration::from_secs(30));
    }

    #[test]
    fn a_row_stays_until_nothing_can_depend_on_it() {
        assert_eq!(tried(&[0]).purge_at, 100 + 900);
        assert_eq!(tried(&[1]).purge_at, 100 + 900 + 1, "rounded up");
        let trusted = Counter::trusted("k", at(0));
        assert_eq!(trusted.purge_at, 30 * 24 * 3600);
        assert_eq!(Counter::next("k", Some(&trusted), LIMIT, at(7)).purge_at, 30 * 24 * 3600);
    }

    #[test]
    fn trust_lasts_30_days_to_the_millisecond_through_failures_and_windows() {
        let days = 30 * 24 * 3600 * 1000;
        let trusted = Counter::next("k", Some(&Counter::trusted("k", at(0))), LIMIT, at(9));
        assert_eq!((trusted.tries, trusted.began_at), (1, at(9)));
        let trusted = Counter::next("k", Some(&trusted), LIMIT, at(200_000));
        assert!(trusted.is_trusted(at(days - 1)) && !trusted.is_trusted(at(days)));
        assert!(!tried(&[0]).is_trusted(at(0)));
    }

    #[test]
    fn the_end_of_time_does_not_overflow() {
        let counter = Counter::next("k", None, LIMIT, Timestamp::MAX);
        assert!(!counter.is_over(LIMIT, at(0)));
        assert!(Counter::trusted("k", Timestamp::MAX).purge_at > 0);
    }
}
