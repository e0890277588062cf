use crate::{
    Jwk,
    store::{Published, Store},
};
use dynamo::{Dynamo, Error};
use jiff::Timestamp;

/// What the JWKS says: the public halves of the signing keys.
pub struct PublicKeys {
    store: Store,
}

impl PublicKeys {
    /// The keys of the table `signing_keys`.
    pub fn new(dynamo: Dynamo) -> Self {
        Self { store: Store::new(dynamo) }
    }

    /// The keys that a token good at `now`, or soon, may be signed with; oldest period first. Empty until the first mint.
    /// It may be cached for 300 seconds: keys are published twice that long before they sign.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when DynamoDB does not answer, [`Error::Corrupt`] when a row is not of our making.
    pub async fn current(&self, now: Timestamp) -> Result<Vec<Jwk>, Error> {
        Ok(published_at(self.store.published().await?, now))
    }
}

fn published_at(mut keys: Vec<Published>, now: Timestamp) -> Vec<Jwk> {
    keys.retain(|key| now < key.leaves_at);
    keys.sort_by(|a, b| a.period.cmp(&b.period));
    keys.into_iter().map(|key| key.public_jwk).collect()
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
        let sorted = published_at([2031, 2032, 2033].map(key).into(), Timestamp::UNIX_EPOCH);
        assert_eq!(published_at([2032, 2033, 2031].map(key).into(), Timestamp::UNIX_EPOCH), sorted);
        assert_eq!(sorted[0], key(2031).public_jwk);
    }
}
