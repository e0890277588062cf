//! How an API must check a token (RFC 9068 §4, RFC 8725 §3), knowing only the JWKS.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};
use tokens::Jwk;

/// An API that accepts tokens of one issuer for one audience.
pub struct Api {
    pub issuer: String,
    pub audience: String,
    keys: JwkSet,
}

impl Api {
    /// An API that holds this JWKS.
    pub fn new(issuer: &str, audience: &str, keys: &[Jwk]) -> Self {
        let keys = serde_json::from_value(json!({ "keys": keys })).expect("a JWKS");
        Self { issuer: issuer.to_owned(), audience: audience.to_owned(), keys }
    }

    /// The claims of a token that is valid at `now`, or why it is not.
    pub fn accept(&self, token: &str, now: Timestamp) -> Result<Value, String> {
        let header = decode_header(token).map_err(|error| format!("header: {error}"))?;
        if header.typ.as_deref() != Some("at+jwt") {
            return Err("typ".to_owned());
        }
        // Only `kid` picks the key: `jwk`, `jku` and `x5u` come from the sender (RFC 8725 §3.10).
        let jwk = header.kid.and_then(|kid| self.keys.find(&kid)).ok_or("kid")?;
        let key = DecodingKey::from_jwk(jwk).map_err(|error| format!("key: {error}"))?;
        let claims = decode::<Value>(token, &key, &self.validation()).map_err(|error| error.to_string())?.claims;
        let second = |name: &str| claims[name].as_i64().ok_or_else(|| format!("{name} is no number"));
        if now.as_second() < second("iat")? {
            return Err("too early".to_owned());
        }
        if now.as_second() >= second("exp")? {
            return Err("too late".to_owned());
        }
        Ok(claims)
    }

    /// Only one algorithm is accepted, whatever the header says; the time is checked above, where it is a parameter.
    fn validation(&self) -> Validation {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&[&self.audience]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_exp = false;
        validation
    }
}
