use crate::{Flaw, json};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// Every algorithm we accept. They are all asymmetric, so that no public value can serve as a shared secret, and no
/// token is unsigned (RFC 8725 sections 3.1 and 3.2).
const ALLOWED: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// An ID token whose header was read, but of which nothing is trusted yet.
pub struct IdToken<'a> {
    /// Header and payload as signed.
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// The algorithm that its header names, one of those allowed.
    pub algorithm: Algorithm,
    /// The key that its header names.
    pub kid: Option<String>,
}

/// The part of the header that counts. Its members about keys (`jwk`, `jku`, `x5c`, `x5u`) are not read: keys come only
/// from the provider's key set (RFC 8725 section 3.10). A null counts as a member of the wrong type.
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default, deserialize_with = "present")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<Value>,
}

impl<'a> IdToken<'a> {
    /// Reads the header of a compact JWS (RFC 7515 section 7.1). `listed` are the algorithms that the provider says it
    /// uses, if it says so.
    ///
    /// # Errors
    /// [`Flaw`] when it is not a JWS, is of another type, has critical extensions (RFC 7515 section 4.1.11), or its
    /// algorithm is not both allowed and listed.
    pub fn read(text: &'a str, listed: Option<&[String]>) -> Result<Self, Flaw> {
        let (signed, signature) = text.rsplit_once('.').ok_or(Flaw::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(Flaw::Malformed)?;
        let header: Header = decode(header)?;
        if header.crit.is_some() {
            return Err(Flaw::Critical);
        }
        // An access token or logout token signed by the same key is not for signing in (RFC 8725 section 3.11).
        if header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
            return Err(Flaw::Type);
        }
        let algorithm = header.alg.parse().map_err(|_| Flaw::Algorithm)?;
        if !ALLOWED.contains(&algorithm) || listed.is_some_and(|listed| !listed.contains(&header.alg)) {
            return Err(Flaw::Algorithm);
        }
        Ok(Self { signed, payload, signature, algorithm, kid: header.kid })
    }

    /// The payload, if the signature was made by `key`.
    ///
    /// # Errors
    /// [`Flaw::Signature`] when it was not; [`Flaw::Malformed`] when the payload is not a `T`.
    pub fn open<T: DeserializeOwned>(&self, key: &DecodingKey) -> Result<T, Flaw> {
        match crypto::verify(self.signature, self.signed.as_bytes(), key, self.algorithm) {
            Ok(true) => decode(self.payload),
            Ok(false) | Err(_) => Err(Flaw::Signature),
        }
    }
}

/// Without this, an `Option` would read null as absent.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn decode<T: DeserializeOwned>(part: &str) -> Result<T, Flaw> {
    let text = BASE64URL.decode(part).map_err(|_| Flaw::Malformed)?;
    json::parse(&text).ok_or(Flaw::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in ".*", header in ".*") {
            let _ = IdToken::read(&text, None);
            let _ = IdToken::read(&format!("{}..", BASE64URL.encode(header)), None);
        }
    }
}
