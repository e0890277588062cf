use crate::{Flaw, Slash};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

/// The most that clocks may differ by, in seconds.
const LEEWAY: f64 = 60.0;
/// How long ago an ID token may have been issued, in seconds: it comes straight from the token endpoint.
const OLDEST: f64 = 600.0;

/// The person who signed in, according to the provider. `issuer` and `subject` together are the identity; no other
/// claim, not even the email, is part of it (OpenID Connect Core 5.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The provider's issuer, exactly as configured.
    pub issuer: String,
    /// Identifies the person among the provider's users: 1 to 255 ASCII characters, never reassigned.
    pub subject: String,
    /// An email address; its form is not checked.
    pub email: Option<String>,
    /// Whether the provider has verified that the address is this person's; without an address it means nothing.
    pub email_verified: bool,
    /// The name the person wants to be called by.
    pub name: Option<String>,
    /// The URL of a picture of the person, from the provider.
    pub picture: Option<String>,
    /// When the provider last asked the person for a credential, if it says (`auth_time`); this may be in the future.
    pub auth_time: Option<Timestamp>,
}

/// The values that an ID token must match.
pub struct Expected<'a> {
    pub issuer: &'static str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    pub access_token: &'a str,
    pub algorithm: Algorithm,
    /// The moment after which the provider must have asked the person, if that was required.
    pub asked_since: Option<Timestamp>,
    pub now: Timestamp,
}

/// The payload of an ID token. Times are seconds, not always whole (RFC 7519 section 2, NumericDate).
#[derive(Deserialize)]
pub struct Payload {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    at_hash: Option<String>,
    auth_time: Option<Value>,
    #[serde(default, deserialize_with = "text_or_nothing")]
    email: Option<String>,
    email_verified: Option<Value>,
    #[serde(default, deserialize_with = "text_or_nothing")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text_or_nothing")]
    picture: Option<String>,
}

/// A claim that a provider may omit. If it has the wrong type, it counts as omitted: it does not decide who signed in,
/// so it is no reason to refuse the sign-in.
fn text_or_nothing<'de, D: Deserializer<'de>>(claim: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(claim)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Payload {
    /// Returns the claims if all of them match (OpenID Connect Core 3.1.3.7 and 3.1.3.8).
    ///
    /// # Errors
    /// [`Flaw`] for the first rule that is broken.
    pub fn accept(self, expected: &Expected<'_>) -> Result<Claims, Flaw> {
        if self.iss != expected.issuer {
            return Err(Slash::between(&self.iss, expected.issuer).map_or(Flaw::Issuer, Flaw::IssuerSlash));
        }
        self.check_audience(expected.client_id)?;
        self.check_times(expected.now)?;
        let nonce = self.nonce.as_deref().unwrap_or_default();
        if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
            return Err(Flaw::Nonce);
        }
        let hash = || access_token_hash(expected.access_token, expected.algorithm);
        if self.at_hash.as_ref().is_some_and(|at_hash| *at_hash != hash()) {
            return Err(Flaw::AccessToken);
        }
        if self.sub.is_empty() || self.sub.len() > 255 || !self.sub.is_ascii() {
            return Err(Flaw::Subject);
        }
        let auth_time = self.auth_time.as_ref().and_then(moment);
        if expected.asked_since.is_some_and(|since| auth_time.is_none_or(|at| is_before(at, since))) {
            return Err(Flaw::AuthTime);
        }
        // Some providers write the boolean as a string; no other value counts as a yes.
        let email_verified = self.email_verified.is_some_and(|value| value == true || value == "true");
        let Self { iss: issuer, sub: subject, email, name, picture, .. } = self;
        Ok(Claims { issuer, subject, email, email_verified, name, picture, auth_time })
    }

    /// Rules 3 to 5: the token is for us; if it is for others too, it was at least issued to us.
    fn check_audience(&self, client_id: &str) -> Result<(), Flaw> {
        let (names_us, several) = match &self.aud {
            Audience::One(one) => (one == client_id, false),
            Audience::Many(many) => (many.iter().any(|one| one == client_id), many.len() > 1),
        };
        match self.azp.as_deref() {
            _ if !names_us => Err(Flaw::Audience),
            Some(party) if party != client_id => Err(Flaw::AuthorizedParty),
            None if several => Err(Flaw::AuthorizedParty),
            _ => Ok(()),
        }
    }

    /// Rules 9 and 10, and RFC 7519 section 4.1.5.
    fn check_times(&self, now: Timestamp) -> Result<(), Flaw> {
        let now = now.as_duration().as_secs_f64();
        match () {
            () if self.exp + LEEWAY <= now => Err(Flaw::Expired),
            () if self.nbf.is_some_and(|nbf| nbf - LEEWAY > now) => Err(Flaw::NotYet),
            () if self.iat - LEEWAY > now || self.iat + OLDEST < now => Err(Flaw::IssuedAt),
            () => Ok(()),
        }
    }
}

/// A moment in seconds, not always whole. A value that is not a number counts as absent.
fn moment(seconds: &Value) -> Option<Timestamp> {
    let milliseconds = seconds.as_f64()? * 1000.0;
    // The cast saturates, and the saturated value is not a valid moment.
    Timestamp::from_millisecond(milliseconds as i64).ok()
}

/// Whether the provider's moment is before ours by more than clocks may differ. In whole seconds, as providers send
/// them.
fn is_before(theirs: Timestamp, ours: Timestamp) -> bool {
    ours.as_second() - theirs.as_second() > LEEWAY as i64
}

/// The left half of the hash of an access token (OpenID Connect Core 3.1.3.6), by the hash of the algorithm; Ed25519's is
/// SHA-512.
fn access_token_hash(access_token: &str, algorithm: Algorithm) -> String {
    let digest = match algorithm {
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => Sha384::digest(access_token).to_vec(),
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA => Sha512::digest(access_token).to_vec(),
        _ => Sha256::digest(access_token).to_vec(),
    };
    BASE64URL.encode(&digest[..digest.len() / 2])
}
