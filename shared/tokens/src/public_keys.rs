use crate::{
    Jwk,
    store::{Published, Store},
};
use dynamo::{Dynamo, Error};
use jiff::{SignedDuration, Timestamp};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long the last read keys are published while DynamoDB is away.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);
/// How long an answer may be cached: keys are published twice that long before they sign.
const FRESH: Duration = Duration::from_secs(300);
/// The same for an answer from memory, which may lack a withdrawal.
const STALE: Duration = Duration::from_secs(30);

/// The content of the JWKS: the public halves of the signing keys. Keep one for the life of the process: it remembers
/// them.
pub struct PublicKeys {
    store: Store,
    last: Mutex<Option<Read>>,
}

/// Rows, and when they were read.
struct Read {
    rows: Vec<Published>,
    at: Timestamp,
}

/// The keys that a token may be signed with.
#[derive(Debug)]
pub struct KeySet {
    /// The keys of the oldest period first. Empty until the first mint.
    pub keys: Vec<Jwk>,
    /// How long the set may be cached; zero for an empty one, because the first token makes the first key.
    pub max_age: Duration,
}

impl PublicKeys {
    /// The keys of the table `signing_keys`.
    pub fn new(dynamo: Dynamo) -> Self {
        Self { store: Store::new(dynamo), last: Mutex::new(None) }
    }

    /// The keys with which a token valid at `now`, or soon, may be signed. While DynamoDB is away, the last read keys
    /// are published for an hour, without those that leave meanwhile. So verifiers do not notice an outage. A key that
    /// is withdrawn during it is still published by this instance until it reads the table again.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when DynamoDB does not answer and nothing is remembered; [`Error::Corrupt`] when this
    /// code did not write a row.
    pub async fn current(&self, now: Timestamp) -> Result<KeySet, Error> {
        match self.store.published().await {
            Ok(rows) => {
                let keys = published_at(&rows, now);
                let max_age = if keys.is_empty() { Duration::ZERO } else { FRESH };
                *self.last() = Some(Read { rows, at: now });
                Ok(KeySet { keys, max_age })
            }
            Err(error @ Error::Unavailable(_)) => match self.remembered(now) {
                Some(keys) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the public keys are told from memory");
                    Ok(KeySet { keys, max_age: STALE })
                }
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// The remembered keys that may still be published. None if `now` is before the read: the clock was set back.
    fn remembered(&self, now: Timestamp) -> Option<Vec<Jwk>> {
        let last = self.last();
        let last =
            last.as_ref().filter(|last| (SignedDuration::ZERO..REMEMBERED).contains(&now.duration_since(last.at)))?;
        Some(published_at(&last.rows, now)).filter(|keys| !keys.is_empty())
    }

    fn last(&self) -> MutexGuard<'_, Option<Read>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn published_at(rows: &[Published], now: Timestamp) -> Vec<Jwk> {
    let mut keys: Vec<_> = rows.iter().filter(|key| now < key.leaves_at).collect();
    keys.sort_by(|a, b| a.period.cmp(&b.period));
    keys.into_iter().map(|key| key.public_jwk.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jwks_is_in_the_order_of_the_periods_however_the_rows_come() {
        let key = |year: i16| Published {
            period: format!("{year}-01-01T00:00:00Z"),
            public_jwk: Jwk::of_point(&[[4; 1].as_slice(), &[year.to_be_bytes()[1]; 64]].concat()).expect("a key"),
            leaves_at: Timestamp::MAX,
        };
        let sorted = published_at(&[2031, 2032, 2033].map(key), Timestamp::UNIX_EPOCH);
        assert_eq!(published_at(&[2032, 2033, 2031].map(key), Timestamp::UNIX_EPOCH), sorted);
        assert_eq!(sorted[0], key(2031).public_jwk);
    }
}
