use crate::{Endpoint, Error, Fault, Flaw, Refusal, cache::Cached, http::Calls};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

/// The shortest time between two reloads because of an unknown key.
const RELOAD: SignedDuration = SignedDuration::from_secs(30);

/// The keys that a provider publishes.
///
/// They are fetched when none are known, or when they are an hour old. If a token's `kid` is not among them, they are
/// fetched once more, because the provider may have rotated (OpenID Connect Core 10.1.1). They are not if they were
/// just fetched for the same token, or if the last such reload is less than 30 seconds old. So an honest rotation costs
/// one call, and a flood of made-up key ids two calls a minute.
#[derive(Default)]
pub struct Keys(Mutex<Known>);

#[derive(Default)]
struct Known {
    keys: Option<Cached<Vec<Jwk>>>,
    reloaded_at: Option<Timestamp>,
}

impl Keys {
    /// The only key with which a token with this `kid` and algorithm can be checked.
    ///
    /// # Errors
    /// [`Flaw::Key`] when there is none or more than one; [`Error::Failed`] when the keys cannot be fetched.
    pub async fn find(
        &self,
        calls: &Calls,
        address: &Url,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<DecodingKey, Error> {
        let mut known = self.0.lock().await;
        if let Some(keys) = known.keys.as_ref().and_then(|keys| keys.fresh(now)) {
            if kid.is_none_or(|kid| has(keys, kid)) || !known.may_reload(now) {
                return choose(keys, kid, algorithm);
            }
            // Set before the call, so that a failing endpoint is not flooded either.
            known.reloaded_at = Some(now);
        }
        let keys = load(calls, address).await.map_err(|fault| fault.at(Endpoint::Keys))?;
        let chosen = choose(&keys, kid, algorithm);
        known.keys = Some(Cached::new(keys, now));
        chosen
    }
}

impl Known {
    fn may_reload(&self, now: Timestamp) -> bool {
        self.reloaded_at.is_none_or(|at| now.duration_since(at).abs() >= RELOAD)
    }
}

async fn load(calls: &Calls, address: &Url) -> Result<Vec<Jwk>, Fault> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<serde_json::Value>,
    }
    let set: Set = calls.document(address).await?;
    // Keys of unknown kinds are skipped (RFC 7517 section 5).
    Ok(set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect())
}

fn has(keys: &[Jwk], kid: &str) -> bool {
    keys.iter().any(|key| key.common.key_id.as_deref() == Some(kid))
}

fn choose(keys: &[Jwk], kid: Option<&str>, algorithm: Algorithm) -> Result<DecodingKey, Error> {
    let named = |key: &&Jwk| kid.is_none() || key.common.key_id.as_deref() == kid;
    let mut suitable = keys.iter().filter(named).filter(|key| is_suitable(key, algorithm));
    match (suitable.next(), suitable.next()) {
        (Some(key), None) => DecodingKey::from_jwk(key).map_err(|_| Refusal::IdToken(Flaw::Key).into()),
        _ => Err(Refusal::IdToken(Flaw::Key).into()),
    }
}

/// Whether a key is declared for signatures of this algorithm, or declares nothing (RFC 7517 section 4), and is of the
/// right kind (RFC 7518 section 6).
fn is_suitable(key: &Jwk, algorithm: Algorithm) -> bool {
    let common = &key.common;
    let signs = common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    let verifies = common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let same = common.key_algorithm.is_none_or(|named| named == algorithm.into());
    signs && verifies && same && is_of_kind(&key.algorithm, algorithm)
}

fn is_of_kind(key: &AlgorithmParameters, algorithm: Algorithm) -> bool {
    match key {
        AlgorithmParameters::RSA(_) => algorithm.family() == AlgorithmFamily::Rsa,
        AlgorithmParameters::EllipticCurve(key) => match algorithm {
            Algorithm::ES256 => key.curve == EllipticCurve::P256,
            Algorithm::ES384 => key.curve == EllipticCurve::P384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(key) => algorithm == Algorithm::EdDSA && key.curve == EllipticCurve::Ed25519,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_does_not_keep_new_keys_out() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let known = Known { keys: None, reloaded_at: Some(now) };
        for (seconds, may) in [(-3600, true), (-29, false), (0, false), (29, false), (30, true)] {
            assert_eq!(known.may_reload(now + SignedDuration::from_secs(seconds)), may, "{seconds}");
        }
    }
}
