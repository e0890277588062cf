//! Tokens and keys, decoded and built by hand.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// Header and claims of a token, unverified.
pub fn decoded(token: &str) -> [Value; 2] {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).expect("base64url"));
    [(); 2].map(|()| serde_json::from_slice(&parts.next().expect("a part")).expect("JSON"))
}

/// A token with this header and these claims, signed by `sign`.
pub fn forged(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// A signature by the key of a row: a forger who has the key can change only the claims.
pub fn signed_by(row: &dynamo::Row) -> impl Fn(&[u8]) -> Vec<u8> {
    let AttributeValue::B(pkcs8) = &row["private_key"] else { panic!("no private key") };
    signer(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).expect("a key"))
}

/// A signature by a key.
pub fn signer(pair: EcdsaKeyPair) -> impl Fn(&[u8]) -> Vec<u8> {
    move |message| pair.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec()
}
