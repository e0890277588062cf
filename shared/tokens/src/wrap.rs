use crate::{
    Error, Jwk,
    key::{PrivateKey, SigningKey},
    kms::Kms,
    signer::Signer,
};
use std::collections::HashMap;

/// Why a private key was not wrapped or unwrapped.
#[derive(Debug, thiserror::Error)]
pub enum WrapError {
    /// A KMS key is named, or a row is wrapped, but this process has no connection to KMS.
    #[error("there is no way to AWS KMS here")]
    NoKms,
    /// KMS is away or refuses: by its permissions, or because this key did not wrap the row for this place.
    #[error("AWS KMS does not answer, or refuses")]
    Kms(#[source] Box<aws_sdk_kms::Error>),
    /// KMS answered without the requested part.
    #[error("AWS KMS left out what it was asked for")]
    Incomplete,
    /// The unwrapped key is not the private half of the row's public key.
    #[error("what was unwrapped is not the key of its row")]
    Foreign,
}

/// How rows store private keys: wrapped by a key of AWS KMS that never leaves it, or unwrapped.
///
/// Rows of both forms exist side by side: the setting affects only new keys, and each row says how to read it. No row
/// is ever converted or read in the other form, least of all when KMS is away.
#[derive(Clone, Default)]
pub(crate) struct Wrap {
    pub kms: Option<Kms>,
    /// `SIGNING_KEY_WRAP`.
    pub key_id: Option<String>,
}

impl Wrap {
    /// A new key in the form in which its row in `table` stores it.
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

    /// The key of a row in `table`, ready to sign.
    ///
    /// # Errors
    /// [`Error::Wrap`]; [`Error::Signing`] when the row holds no private key.
    pub async fn open(&self, key: &SigningKey, table: &str) -> Result<Signer, Error> {
        let bytes = key.private_key.as_bytes();
        let Some(key_id) = &key.wrapped_by else { return Signer::from_pkcs8(bytes) };
        let pkcs8 = self.kms()?.decrypt(key_id, bytes, context(key, table)).await?;
        let signer = Signer::from_pkcs8(&pkcs8).map_err(|_| WrapError::Foreign)?;
        // The row could name another key's public half: then tokens would be refused everywhere, and no log line would
        // say why.
        if Jwk::of_point(signer.public_key()).as_ref() != Some(&key.public_jwk) {
            return Err(WrapError::Foreign.into());
        }
        Ok(signer)
    }

    fn kms(&self) -> Result<&Kms, WrapError> {
        self.kms.as_ref().ok_or(WrapError::NoKms)
    }
}

/// What KMS binds the ciphertext to, and records in CloudTrail: a wrapped key opens only in its own row.
fn context(key: &SigningKey, table: &str) -> HashMap<String, String> {
    let pairs = [("table", table), ("period", &key.term.period), ("kid", &key.kid)];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}
