use crate::Kind;
use environment::Environment;
use jiff::Timestamp;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// A revoke-all is one transaction of at most 100 items: the user, at most three other writes, and every session in the
/// map, which holds at most twice as many as both caps together allow.
const HIGHEST_CAPS: usize = 48;

/// How long sessions live and how many a user may have.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Time without use after which a session ends.
    pub idle: Duration,
    /// Time after which a session ends even if it is used.
    pub absolute: Duration,
    /// Time since the last renewal after which the next use renews a session.
    pub renew_after: Duration,
    /// Browsers' sessions that a user may have; beyond it, the least recently used ones end.
    pub per_user: usize,
    /// Devices' sessions that a user may have in addition.
    pub devices_per_user: usize,
    /// Time without a refresh after which a device's session ends.
    pub device_idle: Duration,
    /// Time after which a device's session ends even if it is refreshed.
    pub device_absolute: Duration,
    /// Time within which a refresh token is not replaced again, and its predecessor still leads to it.
    pub device_grace: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            idle: 12 * HOUR,
            absolute: 7 * DAY,
            renew_after: Duration::from_secs(300),
            per_user: 20,
            devices_per_user: 20,
            device_idle: 30 * DAY,
            device_absolute: 90 * DAY,
            device_grace: Duration::from_secs(30),
        }
    }
}

impl Policy {
    /// Reads `SESSION_IDLE`, `SESSION_ABSOLUTE`, `SESSION_RENEW_AFTER`, `SESSIONS_PER_USER`, `DEVICES_PER_USER`,
    /// `DEVICE_IDLE`, `DEVICE_ABSOLUTE` and `DEVICE_GRACE`; faults stay in `environment`.
    pub fn from_environment(environment: &mut Environment) -> Self {
        let default = Self::default();
        let policy = Self {
            idle: environment.duration("SESSION_IDLE", default.idle),
            absolute: environment.duration("SESSION_ABSOLUTE", default.absolute),
            renew_after: environment.duration("SESSION_RENEW_AFTER", default.renew_after),
            per_user: environment.count("SESSIONS_PER_USER", 20) as usize,
            devices_per_user: environment.count("DEVICES_PER_USER", 20) as usize,
            device_idle: environment.duration("DEVICE_IDLE", default.device_idle),
            device_absolute: environment.duration("DEVICE_ABSOLUTE", default.device_absolute),
            device_grace: environment.duration("DEVICE_GRACE", default.device_grace),
        };
        if policy.renew_after > policy.idle / 2 {
            environment.fault("SESSION_RENEW_AFTER", "must be at most half of SESSION_IDLE");
        }
        if policy.idle > policy.absolute {
            environment.fault("SESSION_IDLE", "must not exceed SESSION_ABSOLUTE");
        }
        for (name, absolute) in [("SESSION_ABSOLUTE", policy.absolute), ("DEVICE_ABSOLUTE", policy.device_absolute)] {
            if absolute > 3650 * DAY {
                environment.fault(name, "must be at most ten years");
            }
        }
        if policy.device_idle > policy.device_absolute {
            environment.fault("DEVICE_IDLE", "must not exceed DEVICE_ABSOLUTE");
        }
        // A replaced refresh token stays valid for the grace, so a thief can use it unnoticed for as long.
        if policy.device_grace > 10 * MINUTE {
            environment.fault("DEVICE_GRACE", "must be at most ten minutes");
        }
        if policy.per_user.saturating_add(policy.devices_per_user) > HIGHEST_CAPS {
            environment
                .fault("SESSIONS_PER_USER", format!("and DEVICES_PER_USER must be at most {HIGHEST_CAPS} together"));
        }
        policy
    }

    /// When a session renewed at `renewed_at` goes idle. It is not capped by the absolute expiry, so that the time left
    /// always tells when the last renewal was.
    pub fn idle_expiry(&self, kind: Kind, renewed_at: Timestamp) -> Timestamp {
        later(renewed_at, if kind == Kind::Device { self.device_idle } else { self.idle })
    }

    /// When a session created at `created_at` ends for good.
    pub fn absolute_expiry(&self, kind: Kind, created_at: Timestamp) -> Timestamp {
        later(created_at, if kind == Kind::Device { self.device_absolute } else { self.absolute })
    }

    /// How many sessions of this kind a user may have.
    pub fn cap(&self, kind: Kind) -> usize {
        if kind == Kind::Device { self.devices_per_user } else { self.per_user }
    }

    /// The most sessions, of both kinds, that a user's map holds while some that should have ended are still in it.
    pub(crate) fn fullest(&self) -> usize {
        2 * (self.per_user + self.devices_per_user)
    }

    /// The longest that any session lives.
    pub(crate) fn longest(&self) -> Duration {
        self.absolute.max(self.device_absolute)
    }

    /// Whether a session with this much idle time left should be renewed. If more is left than the setting allows, the
    /// setting was lowered: a renewal is due, for the shorter time to take effect.
    pub fn renewal_is_due(&self, left: Duration) -> bool {
        left > self.idle || self.idle - left >= self.renew_after
    }

    /// When a restored copy of a session expires: no later than the session, and so soon that a renewal is due at its
    /// next use, which then asks the row. Redis may have lost a tombstone while this copy was on its way.
    pub(crate) fn copy_expiry(&self, idle_expires_at: Timestamp, now: Timestamp) -> Timestamp {
        idle_expires_at.min(later(now, self.idle - self.renew_after))
    }

    /// How long a tombstone stays: longer than any request or queued command in flight.
    pub fn tombstone_life(&self) -> Duration {
        Duration::from_secs(600).max(2 * self.renew_after)
    }

    /// When the row of a session may be deleted: 90 days after its absolute expiry.
    pub fn purge_at(&self, absolute_expires_at: Timestamp) -> Timestamp {
        later(absolute_expires_at, 90 * DAY)
    }
}

/// `at` moved forward, but not past the end of the calendar.
pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// `at` moved back, but not past the beginning of the calendar.
pub(crate) fn sooner(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// The time from `now` to `at`, zero if `at` is past.
pub(crate) fn until(at: Timestamp, now: Timestamp) -> Duration {
    at.duration_since(now).try_into().unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn policy(pairs: &[(&str, &str)]) -> Result<Policy, environment::Faults> {
        let mut environment = Environment::of(pairs.iter().copied());
        let policy = Policy::from_environment(&mut environment);
        environment.finish(Some(policy))
    }

    #[test]
    fn the_defaults_hold_together() {
        assert!(policy(&[]).is_ok());
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused_by_name() {
        for (pairs, name) in [
            (&[("SESSION_IDLE", "10m"), ("SESSION_RENEW_AFTER", "5m1s")][..], "SESSION_RENEW_AFTER"),
            (&[("SESSION_IDLE", "8d")], "SESSION_IDLE"),
            (&[("SESSION_ABSOLUTE", "20000d")], "SESSION_ABSOLUTE"),
            (&[("DEVICE_IDLE", "91d")], "DEVICE_IDLE"),
            (&[("DEVICE_ABSOLUTE", "20000d")], "DEVICE_ABSOLUTE"),
            (&[("DEVICE_GRACE", "10m1s")], "DEVICE_GRACE"),
            (&[("SESSIONS_PER_USER", "29")], "SESSIONS_PER_USER"),
            (&[("DEVICES_PER_USER", "29")], "SESSIONS_PER_USER"),
            (&[("SESSIONS_PER_USER", "4294967295"), ("DEVICES_PER_USER", "4294967295")], "SESSIONS_PER_USER"),
            (&[("DEVICES_PER_USER", "0")], "DEVICES_PER_USER"),
        ] {
            assert_eq!(policy(pairs).expect_err(name).0[0].name, name);
        }
    }

    /// DynamoDB takes 100 items in a transaction: the user, three other writes, the sessions.
    #[test]
    fn the_fullest_map_fits_into_one_transaction() {
        for pairs in
            [&[][..], &[("SESSIONS_PER_USER", "28")], &[("SESSIONS_PER_USER", "1"), ("DEVICES_PER_USER", "47")]]
        {
            assert!(policy(pairs).expect("lawful caps").fullest() + 4 <= 100);
        }
    }

    #[test]
    fn renewal_is_due_exactly_renew_after_since_the_last_one() {
        let policy = Policy::default();
        let left_after = |since: Duration| policy.idle - since;
        assert!(!policy.renewal_is_due(left_after(policy.renew_after - Duration::from_millis(1))));
        assert!(policy.renewal_is_due(left_after(policy.renew_after)));
    }

    #[test]
    fn a_lowered_idle_time_makes_every_longer_session_due() {
        let policy = Policy { idle: HOUR, ..Policy::default() };
        assert!(policy.renewal_is_due(12 * HOUR));
        assert!(policy.renewal_is_due(HOUR + Duration::from_millis(1)));
        assert!(!policy.renewal_is_due(HOUR));
    }

    #[test]
    fn a_tombstone_outlives_two_renewals_and_ten_minutes() {
        let short = Policy { renew_after: Duration::from_secs(1), ..Policy::default() };
        assert_eq!(short.tombstone_life(), Duration::from_secs(600));
        let long = Policy { renew_after: HOUR, ..Policy::default() };
        assert_eq!(long.tombstone_life(), 2 * HOUR);
    }

    proptest! {
        #[test]
        fn no_moment_overflows(second in -377_705_023_201..=253_402_207_200_i64) {
            let at = Timestamp::from_second(second).unwrap();
            let policy = Policy::default();
            for kind in [Kind::Browser, Kind::Device] {
                prop_assert!(policy.idle_expiry(kind, at) >= at);
                prop_assert!(policy.purge_at(policy.absolute_expiry(kind, at)) >= at);
            }
        }
    }
}
