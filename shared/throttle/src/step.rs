use crate::{
    counter::{Counter, first_revision, purge_at, whole_second},
    lease::Lease,
    limits::Limit,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, time::Duration};

/// What to do so that a try is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing: it is already counted.
    Done,
    /// Wait this long.
    Wait(Duration),
    /// Add the try to the open window, or begin one, while tries are free.
    Add,
    /// Replace the row that was read with this one.
    Replace(Counter),
}

impl Step {
    /// How to count a try in the counter that was read.
    pub fn of(key: &str, seen: Option<&Counter>, limit: Limit, lease: &Lease) -> Self {
        let now = lease.taken_at;
        let Some(seen) = seen else { return Self::Add };
        let wait = seen.wait(limit, now);
        match () {
            () if seen.leases.contains_key(&lease.id) => Self::Done,
            () if !wait.is_zero() => Self::Wait(wait),
            () if !seen.is_over(limit, now) && seen.tries < limit.free => Self::Add,
            () => Self::Replace(next(key, seen, limit, lease)),
        }
    }
}

/// The counter with one more try and without those that no longer count. A new window takes over the pending tries:
/// their outcomes are still to come.
fn next(key: &str, seen: &Counter, limit: Limit, lease: &Lease) -> Counter {
    let now = lease.taken_at;
    let mut leases: BTreeMap<_, _> = seen.live(now).map(owned).collect();
    let under_way = u32::try_from(leases.len()).unwrap_or(u32::MAX);
    leases.insert(lease.id.clone(), lease.until());
    let (tries, began_at, last_at) = match seen.is_over(limit, now) {
        true => (under_way, now, now),
        false => (seen.weight(now), seen.began_at, seen.last_at),
    };
    Counter {
        key: key.to_owned(),
        tries: tries.saturating_add(1),
        began_at,
        last_at,
        trusted_until: seen.trusted_until,
        purge_at: purge_at(limit, began_at).max(seen.trusted_until.map_or(0, whole_second)),
        revision: Some(seen.revision.unwrap_or(first_revision(now)).saturating_add(1)),
        leases,
    }
}

fn owned((id, until): (&String, &Timestamp)) -> (String, Timestamp) {
    (id.clone(), *until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    const LIMIT: Limit = Limit { free: 2, window: SignedDuration::from_secs(100) };

    fn lease(milliseconds: i64) -> Lease {
        Lease::new(Timestamp::from_millisecond(milliseconds).unwrap()).unwrap()
    }

    fn next_after(seen: &Counter, lease: &Lease) -> Counter {
        match Step::of("k", Some(seen), LIMIT, lease) {
            Step::Replace(next) => next,
            other => panic!("{other:?}"),
        }
    }

    /// What the store makes of it.
    fn added(seen: Option<&Counter>, lease: &Lease) -> Counter {
        assert_eq!(Step::of("k", seen, LIMIT, lease), Step::Add);
        let now = lease.taken_at;
        let first = Counter { trusted_until: None, purge_at: purge_at(LIMIT, now), ..Counter::trusted("k", now) };
        let mut next = seen.cloned().unwrap_or(first);
        next.tries += 1;
        next.leases.insert(lease.id.clone(), lease.until());
        next
    }

    #[test]
    fn tries_are_added_while_they_are_free() {
        let (one, two, three) = (lease(5), lease(6), lease(7));
        let first = added(None, &one);
        let second = added(Some(&first), &two);
        assert_eq!(Step::of("k", Some(&second), LIMIT, &two), Step::Done, "which is counted already");
        assert_eq!(Step::of("k", Some(&second), LIMIT, &three), Step::Wait(Duration::from_millis(14_998)));
    }

    #[test]
    fn leases_that_ended_are_dropped_with_their_weight() {
        let first = added(None, &lease(0));
        let second = added(Some(&first), &lease(10_000));
        let third = next_after(&second, &lease(20_000));
        assert_eq!((third.tries, third.leases.len(), third.began_at), (2, 2, first.began_at));
        assert!(third.revision > second.revision);
    }

    #[test]
    fn a_new_window_takes_over_what_is_under_way() {
        let first = Counter { began_at: Timestamp::UNIX_EPOCH, ..added(None, &lease(90_000)) };
        let (second, after) = (lease(100_000), lease(105_000));
        let next = next_after(&first, &second);
        assert_eq!((next.tries, next.began_at, next.leases.len()), (2, second.taken_at, 2));
        assert_eq!(next_after(&first, &after).leases.len(), 1);
    }

    #[test]
    fn a_row_stays_until_nothing_can_depend_on_it() {
        let over = Counter { tries: 0, ..added(None, &lease(0)) };
        assert_eq!(next_after(&over, &lease(2_000)).purge_at, 2 + 100 + 900);
        assert_eq!(next_after(&over, &lease(2_001)).purge_at, 2 + 100 + 900 + 1, "rounded up");
        let trusted = Counter::trusted("k", Timestamp::UNIX_EPOCH);
        let next = next_after(&trusted, &lease(7));
        assert_eq!((next.purge_at, next.trusted_until), (30 * 24 * 3600, trusted.trusted_until));
    }

    #[test]
    fn the_end_of_time_does_not_overflow() {
        let last = Lease::new(Timestamp::MAX).unwrap();
        assert_eq!(next_after(&Counter::trusted("k", Timestamp::MAX), &last).tries, 1);
    }
}
