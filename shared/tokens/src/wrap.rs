use crate::{
    Error, Jwk,
    key::{PrivateKey, SigningKey},
    kms::Kms,
};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use jsonwebtoken::EncodingKey;
use std::collections::HashMap;

/// Why a private key was not wrapped or unwrapped.
#[derive(Debug, thiserror::Error)]
pub enum WrapError {
    /// A key of KMS is named, or a row is wrapped, and this process was given no way to KMS.
    #[error("there is no way to AWS KMS here")]
    NoKms,
    /// KMS is away, or refuses: by its permissions, or because the row was not made by this key for this place.
    #[error("AWS KMS does not answer, or refuses")]
    Kms(#[source] Box<aws_sdk_kms::Error>),
    /// KMS answered without what was asked for.
    #[error("AWS KMS left out what it was asked for")]
    Incomplete,
    /// What was unwrapped is not the private half of the row's public key.
    #[error("what was unwrapped is not the key of its row")]
    Foreign,
}

/// How private keys lie in their rows: wrapped by a key of AWS KMS that never leaves it, or as they are.
///
/// Rows of both forms stand side by side: the setting decides about new keys alone, and each row says how it is to be read.
/// There is no way from one form to the other, least of all when KMS is away.
#[derive(Clone, Default)]
pub(crate) struct Wrap {
    pub kms: Option<Kms>,
    /// `SIGNING_KEY_WRAP`.
    pub key_id: Option<String>,
}

impl Wrap {
    /// A new key as its row in `table` is to hold it.
    ///
    /// # Errors
    /// [`Error::Wrap`].
    pub async fn close(&self, key: SigningKey, table: &str) -> Result<SigningKey, Error> {
        let Some(key_id) = &self.key_id else { return Ok(key) };
        let context = context(&key, table);
        let wrapped = self.kms()?.encrypt(key_id, key.private_key.as_bytes(), context).await?;
        Ok(SigningKey {
            private_key: PrivateKey::of_bytes(&wrapped.ciphertext),
            wrapped_by: Some(wrapped.key_id),
            ..key
        })
    }

    /// The key of a row in `table`, as the signer takes it.
    ///
    /// # Errors
    /// [`Error::Wrap`].
    pub async fn open(&self, key: &SigningKey, table: &str) -> Result<EncodingKey, Error> {
        let bytes = key.private_key.as_bytes();
        let Some(key_id) = &key.wrapped_by else { return Ok(EncodingKey::from_ec_der(bytes)) };
        let pkcs8 = self.kms()?.decrypt(key_id, bytes, context(key, table)).await?;
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).map_err(|_| WrapError::Foreign)?;
        // The row could name another key's public half: tokens would be refused everywhere, and no line would say why.
        if Jwk::of_point(pair.public_key().as_ref()).as_ref() != Some(&key.public_jwk) {
            return Err(WrapError::Foreign.into());
        }
        Ok(EncodingKey::from_ec_der(&pkcs8))
    }

    fn kms(&self) -> Result<&Kms, WrapError> {
        self.kms.as_ref().ok_or(WrapError::NoKms)
    }
}

/// What KMS binds the ciphertext to, and writes down in CloudTrail: a wrapped key opens in its own row alone.
fn context(key: &SigningKey, table: &str) -> HashMap<String, String> {
    let pairs = [("table", table), ("period", &key.term.period), ("kid", &key.kid)];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}
