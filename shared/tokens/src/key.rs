use crate::{
    Error, Jwk,
    schedule::{Term, after},
};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use jiff::SignedDuration;
use jsonwebtoken::errors::{ErrorKind, new_error};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Borrow, fmt};
use zeroize::Zeroizing;

/// How long a row stays after its key has left the JWKS, so that an operator can explain an old token.
const KEPT: SignedDuration = SignedDuration::from_hours(3 * 24);

/// One row of the table.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SigningKey {
    #[serde(flatten)]
    pub term: Term,
    pub kid: String,
    pub public_jwk: Jwk,
    pub private_key: PrivateKey,
    /// The key of AWS KMS that has wrapped the private one. Absent: the private key is stored unwrapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrapped_by: Option<String>,
    /// When DynamoDB deletes the row: seconds since the epoch, as required for its TTL.
    pub purge_at: i64,
}

impl SigningKey {
    /// A new key for `term`.
    ///
    /// # Errors
    /// [`Error::Signing`] when the system has no random bytes to give.
    pub fn generate(term: Term) -> Result<Self, Error> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| ungenerated())?;
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| ungenerated())?;
        let public_jwk = Jwk::of_point(pair.public_key().as_ref()).ok_or_else(ungenerated)?;
        let purge_at = purge_at(&term);
        Ok(Self {
            term,
            kid: public_jwk.kid.clone(),
            public_jwk,
            private_key: PrivateKey::of_bytes(pkcs8.as_ref()),
            wrapped_by: None,
            purge_at,
        })
    }
}

impl Borrow<Term> for SigningKey {
    fn borrow(&self) -> &Term {
        &self.term
    }
}

/// When DynamoDB may delete the row of a key: seconds since the epoch.
pub(crate) fn purge_at(term: &Term) -> i64 {
    after(term.leaves_at, KEPT).as_second()
}

fn ungenerated() -> Error {
    Error::Signing(new_error(ErrorKind::Signing("no key could be generated".to_owned())))
}

/// The secret half of a key, as PKCS#8 or wrapped by KMS; binary in the row, wiped from memory when dropped.
pub(crate) struct PrivateKey(Zeroizing<Vec<u8>>);

impl PrivateKey {
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// The bytes as the row stores them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(redacted)")
    }
}

impl Serialize for PrivateKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for PrivateKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pkcs8;

        impl de::Visitor<'_> for Pkcs8 {
            type Value = PrivateKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a private key in binary")
            }

            fn visit_bytes<E: de::Error>(self, der: &[u8]) -> Result<PrivateKey, E> {
                Ok(PrivateKey::of_bytes(der))
            }
        }

        deserializer.deserialize_byte_buf(Pkcs8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
    use base64::{Engine, engine::general_purpose::STANDARD};
    use jiff::Timestamp;

    fn key() -> SigningKey {
        let at = |second| Timestamp::from_second(second).expect("a moment");
        let term = Term {
            period: "1970-01-01T00:00:01Z".to_owned(),
            created_at: at(1),
            signs_from: at(2),
            signs_until: at(3),
            leaves_at: at(4),
        };
        SigningKey::generate(term).expect("a key")
    }

    /// Every form in which a leak would be visible: the bytes as Rust, hexadecimal and base64 write them.
    fn shows(text: &str, secret: &[u8]) -> bool {
        let piece = &secret[secret.len() / 4..secret.len() / 2];
        let hex: String = piece.iter().map(|byte| format!("{byte:02x}")).collect();
        let list = format!("{piece:?}");
        [list.trim_matches(['[', ']']), &hex, &STANDARD.encode(secret)[12..40]].iter().any(|form| text.contains(form))
    }

    #[test]
    fn debug_does_not_show_the_private_key() {
        let key = key();
        let secret = key.private_key.as_bytes();
        assert!(shows(&format!("{secret:?}"), secret), "the test itself sees a leak");
        for text in [format!("{key:?}"), format!("{key:#?}").split_whitespace().collect()] {
            assert!(!shows(&text, secret), "{text}");
            assert!(text.contains("redacted"), "{text}");
        }
    }

    #[test]
    fn a_row_holds_what_the_schema_says_and_comes_back_whole() {
        let key = key();
        let row = dynamo::encode("signing_keys", &key).expect("a row");
        let mut names: Vec<_> = row.keys().map(String::as_str).collect();
        names.sort_unstable();
        let expected = [
            "created_at",
            "kid",
            "leaves_at",
            "period",
            "private_key",
            "public_jwk",
            "purge_at",
            "signs_from",
            "signs_until",
        ];
        assert_eq!(names, expected);
        let number = |text: &str| AttributeValue::N(text.to_owned());
        assert_eq!(row["leaves_at"], number("4000"), "milliseconds");
        assert_eq!(row["purge_at"], number(&(4 + 3 * 24 * 60 * 60).to_string()), "seconds");
        assert!(matches!(row["public_jwk"], AttributeValue::M(_)));
        assert_eq!(row["private_key"], AttributeValue::B(Blob::new(key.private_key.as_bytes())));

        let back: SigningKey = dynamo::decode("signing_keys", row).expect("a key");
        assert_eq!((back.term, back.public_jwk), (key.term, key.public_jwk));
        assert_eq!(back.private_key.as_bytes(), key.private_key.as_bytes());
    }

    #[test]
    fn an_error_about_a_corrupt_row_does_not_show_the_private_key() {
        let key = key();
        let secret = key.private_key.as_bytes();
        let text = STANDARD.encode(secret);
        for corrupt in [AttributeValue::S(text.clone()), AttributeValue::L(vec![AttributeValue::S(text)])] {
            let mut row = dynamo::encode("signing_keys", &key).expect("a row");
            row.insert("private_key".to_owned(), corrupt);
            let error = dynamo::decode::<SigningKey>("signing_keys", row).expect_err("corrupt");
            let whole = format!("{error} {error:?}");
            assert!(!shows(&whole, secret), "{whole}");
        }
    }
}
