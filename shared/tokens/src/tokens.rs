use crate::{
    Error, Minted, Settings, Subject, Token,
    claims::Claims,
    key::SigningKey,
    kms::Kms,
    schedule::{Schedule, after, choose},
    signer::Signer,
    store::Store,
    wrap::Wrap,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dynamo::{Dynamo, SdkConfig};
use environment::Environment;
use jiff::Timestamp;
use jsonwebtoken::{
    Algorithm, Header,
    errors::{ErrorKind, new_error},
};
use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How far a verifier's clock may be behind ours, in seconds. Verifiers refuse a token issued in their future, so `iat`
/// is earlier by this much. `exp` and `expires_in` count from now.
const BEHIND: i64 = 5;

/// Mints tokens. Keep one for the life of the process: it remembers the key that signs.
pub struct Tokens {
    config: Settings,
    schedule: Schedule,
    store: Store,
    wrap: Wrap,
    signing: Mutex<Option<Signing>>,
}

/// The key that signs, and until when this is certain.
#[derive(Clone)]
struct Signing {
    key: Arc<SigningKey>,
    /// Its private half, unwrapped and read once in the life of the process.
    private: Arc<Signer>,
    during: Range<Timestamp>,
}

impl Tokens {
    /// Tokens whose private keys KMS may wrap, with what [`Settings::from_environment`] reads; `None` when a setting has
    /// a fault.
    pub fn from_environment(environment: &mut Environment, dynamo: &Dynamo, shared: &SdkConfig) -> Option<Self> {
        let config = Settings::from_environment(environment)?;
        Some(Self::new(config, dynamo.clone()).with(Kms::with(shared)))
    }

    /// Tokens whose keys are in the table `signing_keys`.
    pub fn new(config: Settings, dynamo: Dynamo) -> Self {
        let schedule = Schedule { period: config.period, lifetime: config.lifetime };
        let wrap = Wrap { kms: None, key_id: config.wrap.clone() };
        Self { config, schedule, store: Store::new(dynamo), wrap, signing: Mutex::new(None) }
    }

    /// Adds a connection to KMS, without which wrapped keys do not sign.
    #[must_use]
    pub fn with(mut self, kms: Kms) -> Self {
        self.wrap.kms = Some(kms);
        self
    }

    /// A token for `subject` and one of `TOKEN_AUDIENCES`, the first if none is requested. It ends after
    /// `TOKEN_LIFETIME`, with `not_after`, or when its key leaves the JWKS, whichever comes first.
    ///
    /// # Errors
    /// [`Error::UnknownAudience`]; [`Error::Store`] and [`Error::Wrap`] when no key can be read or made (a repeat may
    /// succeed); [`Error::Signing`] when the key does not sign.
    pub async fn mint(&self, subject: &Subject<'_>, audience: Option<&str>, now: Timestamp) -> Result<Minted, Error> {
        let aud = self.config.audience(audience).ok_or(Error::UnknownAudience)?;
        let Signing { key, private, .. } = self.signing_key(now).await?;
        let iat = now.as_second() - BEHIND;
        let exp = after(now, self.config.lifetime).min(subject.not_after).min(key.term.leaves_at).as_second();
        let claims = Claims {
            iss: &self.config.issuer,
            sub: subject.user_id,
            aud,
            client_id: subject.client_id,
            iat,
            exp,
            jti: unique()?,
            sid: subject.session_id,
            scope: subject.scopes.join(" "),
            // Never after `iat`: the age of the sign-in may appear some seconds too high, but never too low.
            auth_time: subject.auth_time.as_second().min(iat),
        };
        let header =
            Header { typ: Some("at+jwt".to_owned()), kid: Some(key.kid.clone()), ..Header::new(Algorithm::ES256) };
        let text = private.sign(&header, &claims)?;
        let seconds = u64::try_from(exp - now.as_second()).unwrap_or_default();
        Ok(Minted { token: Token::new(text), expires_in: Duration::from_secs(seconds) })
    }

    /// Makes sure that [`mint`](Self::mint) needs no store for the next moment: to be called before a caller spends
    /// something in exchange for a token.
    ///
    /// # Errors
    /// [`Error::Store`] and [`Error::Wrap`] when no key can be read or made.
    pub async fn prepare(&self, now: Timestamp) -> Result<(), Error> {
        self.signing_key(now).await.map(drop)
    }

    /// The key that signs at `now`, from memory while this is certain.
    async fn signing_key(&self, now: Timestamp) -> Result<Signing, Error> {
        if let Some(signing) = self.remembered().as_ref().filter(|signing| signing.during.contains(&now)) {
            return Ok(signing.clone());
        }
        let signing = self.look_up(now).await?;
        *self.remembered() = Some(signing.clone());
        Ok(signing)
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, Option<Signing>> {
        self.signing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the keys, and makes the missing ones.
    async fn look_up(&self, now: Timestamp) -> Result<Signing, Error> {
        let mut keys = self.store.keys().await?;
        let missing = self.schedule.missing(keys.iter().map(|key| key.term.clone()).collect(), now);
        if !missing.is_empty() {
            for term in missing {
                self.store.add(term, &self.wrap).await?;
            }
            // An instance that lost to a rival has to sign with the rival's key.
            keys = self.store.keys().await?;
        }
        let until = self.schedule.settled_until(&keys, now);
        let chosen = choose(&keys, now).map(|key| key.kid.clone());
        let key = keys.into_iter().find(|key| Some(&key.kid) == chosen.as_ref());
        // There is none only if an operator has just deleted the new one.
        let key = key.ok_or(dynamo::Error::Conflict)?;
        Ok(Signing { private: self.private(&key).await?, key: Arc::new(key), during: now..until })
    }

    /// The private half, from memory if exactly this row is known.
    async fn private(&self, key: &SigningKey) -> Result<Arc<Signer>, Error> {
        let known = self.remembered().clone();
        match known.filter(|known| known.key.private_key.as_bytes() == key.private_key.as_bytes()) {
            Some(Signing { private, .. }) => Ok(private),
            None => Ok(Arc::new(self.wrap.open(key, &self.store.table()).await?)),
        }
    }
}

/// A `jti` that no other token has (RFC 7519 §4.1.7): 128 random bits.
fn unique() -> Result<String, Error> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| new_error(ErrorKind::Signing("no randomness".to_owned())))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
