use crate::{
    lease,
    limits::{LEASE, LONGEST, Limit, TRUST, later},
};
use dynamo::{Row, moment};
use jiff::{SignedDuration, Timestamp, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, iter::once, time::Duration};

/// The name of the table, without its prefix.
pub(crate) const TABLE: &str = "throttle";

/// A row of `throttle`: how many tries the open window has.
///
/// Until when the next try is refused is not stored: it follows from the number and the time of the tries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counter {
    pub key: String,
    /// The tries in the window that were not taken back; those with a lease are included.
    pub tries: u32,
    /// When the window began: at its first try.
    #[serde(with = "millisecond::required")]
    pub began_at: Timestamp,
    /// When the last try with a known outcome was made.
    #[serde(with = "millisecond::required")]
    pub last_at: Timestamp,
    /// Until when the account's own counter and the address's are ignored for this pair.
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pub trusted_until: Option<Timestamp>,
    /// Seconds since the epoch: DynamoDB's time to live removes the row some time after this.
    pub purge_at: i64,
    /// Increases with each write. Absent in a row that an earlier version wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
    /// The tries whose outcome is still unknown, by id, each with the moment until which it counts. Each is an
    /// attribute of its own.
    #[serde(skip)]
    pub leases: BTreeMap<String, Timestamp>,
}

#[derive(Deserialize)]
struct Moment(#[serde(with = "millisecond::required")] Timestamp);

impl Counter {
    /// # Errors
    /// [`dynamo::Error::Corrupt`].
    pub fn from_row(row: Row) -> Result<Self, dynamo::Error> {
        let (leases, row): (Row, Row) = row.into_iter().partition(|(name, _)| lease::id_of(name).is_some());
        let leases: BTreeMap<String, Moment> = dynamo::decode(TABLE, leases)?;
        let leases =
            leases.into_iter().filter_map(|(name, Moment(until))| Some((lease::id_of(&name)?.to_owned(), until)));
        Ok(Self { leases: leases.collect(), ..dynamo::decode(TABLE, row)? })
    }

    /// # Errors
    /// [`dynamo::Error::Corrupt`], as [`dynamo::encode`].
    pub fn to_row(&self) -> Result<Row, dynamo::Error> {
        let mut row = dynamo::encode(TABLE, self)?;
        row.extend(self.leases.iter().map(|(id, until)| (lease::attribute(id), moment(*until))));
        Ok(row)
    }

    /// How long the next try has to wait at `now`, if the pending tries never get an outcome. Never longer than after a
    /// try at this moment: the clock of the instance that counted the last one may be ahead.
    pub fn wait(&self, limit: Limit, now: Timestamp) -> Duration {
        let moments = once(now).chain(self.live(now).map(|(_, until)| *until));
        let waits = moments.map(|at| since(now, at).saturating_add(self.wait_at(limit, at)));
        waits.min().unwrap_or_default()
    }

    /// The wait that is left at `at`, by the tries that count then.
    fn wait_at(&self, limit: Limit, at: Timestamp) -> Duration {
        let taken = self.live(at).map(|(_, until)| earlier(*until, LEASE));
        let last = taken.fold(self.last_at, Timestamp::max);
        limit.wait_after(self.weight(at)).saturating_sub(since(last, at))
    }

    /// How many tries count at this moment.
    pub fn weight(&self, at: Timestamp) -> u32 {
        let lapsed = self.leases.len() - self.live(at).count();
        self.tries.saturating_sub(u32::try_from(lapsed).unwrap_or(u32::MAX))
    }

    pub fn live(&self, at: Timestamp) -> impl Iterator<Item = (&String, &Timestamp)> {
        self.leases.iter().filter(move |(_, until)| at < **until)
    }

    /// Whether the window is over, so that the next try begins a new one.
    pub fn is_over(&self, limit: Limit, now: Timestamp) -> bool {
        let window_ends_at = later(self.began_at, limit.window);
        self.weight(now) == 0 || (now >= window_ends_at && self.wait(limit, now).is_zero())
    }

    pub fn is_trusted(&self, now: Timestamp) -> bool {
        self.trusted_until.is_some_and(|until| now < until)
    }

    /// The counter after a success: no tries, and trust.
    pub fn trusted(key: &str, now: Timestamp) -> Self {
        let until = later(now, TRUST);
        let (trusted_until, purge_at) = (Some(until), whole_second(until));
        let (key, revision, leases) = (key.to_owned(), Some(first_revision(now)), BTreeMap::new());
        Self { key, tries: 0, began_at: now, last_at: now, trusted_until, purge_at, revision, leases }
    }
}

/// The first revision of a row, which differs from those of an earlier row under the same key.
pub(crate) fn first_revision(now: Timestamp) -> u64 {
    now.as_millisecond().try_into().unwrap_or_default()
}

/// The time from one moment to a later one.
fn since(from: Timestamp, to: Timestamp) -> Duration {
    to.duration_since(from).try_into().unwrap_or(Duration::ZERO)
}

fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// When the row of a window may be deleted: after the longest wait that its last try can cause.
pub(crate) fn purge_at(limit: Limit, began_at: Timestamp) -> i64 {
    let longest = SignedDuration::try_from(LONGEST).unwrap_or(SignedDuration::MAX);
    whole_second(later(later(began_at, limit.window), longest))
}

/// In seconds, rounded up: a row must not be deleted too early.
pub(crate) fn whole_second(at: Timestamp) -> i64 {
    at.as_second() + i64::from(at.subsec_nanosecond() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { free: 2, window: SignedDuration::from_secs(100) };

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    /// A counter with this many refused tries, the last of them at `last`.
    fn refused(tries: u32, last: i64) -> Counter {
        let (began_at, last_at, leases) = (at(0), at(last), BTreeMap::new());
        Counter {
            key: "k".to_owned(),
            tries,
            began_at,
            last_at,
            trusted_until: None,
            purge_at: 0,
            revision: None,
            leases,
        }
    }

    /// The same with more tries whose outcome is unknown, made at these moments.
    fn under_way(counter: Counter, taken: &[i64]) -> Counter {
        let leases = taken.iter().enumerate().map(|(n, taken)| (n.to_string(), at(taken + 15_000)));
        Counter { tries: counter.tries + u32::try_from(taken.len()).unwrap(), leases: leases.collect(), ..counter }
    }

    #[test]
    fn a_window_is_over_to_the_millisecond() {
        let counter = refused(1, 90_000);
        assert!(!counter.is_over(LIMIT, at(99_999)));
        assert!(counter.is_over(LIMIT, at(100_000)));
    }

    #[test]
    fn a_wait_outlasts_its_window() {
        let counter = refused(2, 90_000);
        assert_eq!(counter.wait(LIMIT, at(100_000)), Duration::from_secs(20));
        assert!(!counter.is_over(LIMIT, at(119_999)));
        assert_eq!(counter.wait(LIMIT, at(119_999)), Duration::from_millis(1));
        assert!(counter.is_over(LIMIT, at(120_000)));
        assert_eq!(counter.wait(LIMIT, at(120_000)), Duration::ZERO);
    }

    #[test]
    fn a_clock_that_is_ahead_makes_nobody_wait_longer() {
        assert_eq!(refused(1, 5_000).wait(LIMIT, at(0)), Duration::ZERO);
        assert_eq!(refused(2, 5_000).wait(LIMIT, at(0)), Duration::from_secs(30));
    }

    #[test]
    fn a_try_under_way_weighs_until_its_lease_ends() {
        let counter = under_way(refused(1, 0), &[4_000]);
        assert_eq!((counter.weight(at(18_999)), counter.weight(at(19_000))), (2, 1));
        assert_eq!(counter.wait(LIMIT, at(4_000)), Duration::from_secs(15), "if nothing comes of it");
        assert_eq!(counter.wait(LIMIT, at(18_999)), Duration::from_millis(1));
        assert_eq!(counter.wait(LIMIT, at(19_000)), Duration::ZERO);
    }

    #[test]
    fn the_wait_is_told_that_is_over_first() {
        let counter = under_way(refused(1, 0), &[1_000, 9_000]);
        assert_eq!(counter.wait(LIMIT, at(10_000)), Duration::from_secs(14), "the end of the later lease");
        let counter = under_way(refused(2, 0), &[1_000]);
        assert_eq!(counter.wait(LIMIT, at(10_000)), Duration::from_secs(20), "the wait that was there before");
        assert_eq!(under_way(refused(0, 0), &[1_000]).wait(LIMIT, at(1_000)), Duration::ZERO, "one more is free");
    }

    #[test]
    fn tries_under_way_keep_a_counter_open() {
        let counter = under_way(refused(0, 0), &[1_000]);
        assert!(!counter.is_over(LIMIT, at(15_999)));
        assert!(counter.is_over(LIMIT, at(16_000)));
    }

    #[test]
    fn a_row_is_read_as_it_was_written() {
        let counter = Counter { revision: Some(7), ..under_way(refused(3, 5), &[1, 2]) };
        assert_eq!(Counter::from_row(counter.to_row().unwrap()).unwrap(), counter);
        let trusted = Counter::trusted("k", at(5));
        assert_eq!(Counter::from_row(trusted.to_row().unwrap()).unwrap(), trusted);
    }

    #[test]
    fn trust_lasts_30_days_to_the_millisecond() {
        let days = 30 * 24 * 3600 * 1000;
        let trusted = Counter::trusted("k", at(0));
        assert!(trusted.is_trusted(at(days - 1)) && !trusted.is_trusted(at(days)));
        assert!(!refused(0, 0).is_trusted(at(0)));
        assert_eq!(trusted.purge_at, 30 * 24 * 3600);
        assert!(Counter::trusted("k", Timestamp::MAX).purge_at > 0, "the end of time does not overflow");
    }
}
