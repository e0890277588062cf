use jiff::{SignedDuration, Timestamp};

/// How long a provider's published data is used without asking again.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// A value with the moment it was fetched.
pub struct Cached<T> {
    value: T,
    at: Timestamp,
}

impl<T> Cached<T> {
    pub fn new(value: T, now: Timestamp) -> Self {
        Self { value, at: now }
    }

    /// The value, for one hour. Not if `now` is before the fetch: the clock was set back by an unknown time.
    pub fn fresh(&self, now: Timestamp) -> Option<&T> {
        let age = now.duration_since(self.at);
        (SignedDuration::ZERO..LIFETIME).contains(&age).then_some(&self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_fresh_for_an_hour_and_never_before_it_was_fetched() {
        let at = Timestamp::from_second(1_000_000).unwrap();
        let cached = Cached::new((), at);
        for (seconds, fresh) in [(-1, false), (0, true), (3599, true), (3600, false)] {
            assert_eq!(cached.fresh(at + SignedDuration::from_secs(seconds)).is_some(), fresh, "{seconds}");
        }
    }
}
