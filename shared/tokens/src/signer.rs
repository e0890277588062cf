use crate::Error;
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Header,
    errors::{ErrorKind, new_error},
};
use serde::Serialize;

/// A private key, ready to sign. `jsonwebtoken` would read it anew for each token, which takes as long as a signature.
pub(crate) struct Signer(EcdsaKeyPair);

impl Signer {
    /// Reads PKCS #8 (RFC 5958).
    ///
    /// # Errors
    /// [`Error::Signing`] when the bytes are not a private key on P-256.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, Error> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes);
        Ok(Self(pair.map_err(|_| new_error(ErrorKind::InvalidEcdsaKey))?))
    }

    /// The public half, as a point.
    pub fn public_key(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// The compact form of a token (RFC 7515, section 7.1).
    ///
    /// # Errors
    /// [`Error::Signing`] when the key does not sign.
    pub fn sign(&self, header: &Header, claims: &impl Serialize) -> Result<String, Error> {
        let mut text = part(header)?;
        text.push('.');
        text.push_str(&part(claims)?);
        let signature = self.0.sign(&SystemRandom::new(), text.as_bytes());
        let signature = signature.map_err(|_| new_error(ErrorKind::Signing("the key does not sign".to_owned())))?;
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        Ok(text)
    }
}

fn part(json: &impl Serialize) -> Result<String, Error> {
    let json = serde_json::to_vec(json).map_err(jsonwebtoken::errors::Error::from)?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}
