use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
        RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
        RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
    },
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64URL},
};
use serde_json::{Value, json};
use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

/// One signing key with its id, which no other key of the process has.
pub struct Key {
    /// As in `alg`.
    pub algorithm: &'static str,
    pub kid: String,
    pair: Pair,
}

enum Pair {
    Rsa(&'static RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// RSA keys take long to make: the tests of a process share a few, used in turn.
static RSA_KEYS: [OnceLock<RsaKeyPair>; 3] = [const { OnceLock::new() }; 3];
static COUNT: AtomicUsize = AtomicUsize::new(0);

impl Key {
    pub fn new(algorithm: &'static str) -> Self {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let ec = |kind| Pair::Ec(EcdsaKeyPair::generate(kind).expect("a key"));
        let pair = match algorithm {
            "ES256" => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            "EdDSA" => Pair::Ed(Ed25519KeyPair::generate().expect("a key")),
            _ => {
                let make = || RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
                Pair::Rsa(RSA_KEYS[count % RSA_KEYS.len()].get_or_init(make))
            }
        };
        Self { algorithm, kid: format!("key-{count}"), pair }
    }

    /// Another key for the same algorithm.
    pub fn stranger(&self) -> Self {
        loop {
            let other = Self::new(self.algorithm);
            if other.public() != self.public() {
                return other;
            }
        }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding(self.algorithm), &SystemRandom::new(), message, &mut signature).expect("a signature");
                signature
            }
            Pair::Ec(pair) => pair.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    pub fn jwk(&self) -> Value {
        let mut jwk = self.public();
        for (member, value) in [("alg", self.algorithm), ("kid", &self.kid), ("use", "sig")] {
            jwk[member] = json!(value);
        }
        jwk
    }

    fn public(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                let RsaPublicKeyComponents::<Vec<u8>> { n, e } = pair.public_key().into();
                json!({ "kty": "RSA", "n": BASE64URL.encode(n), "e": BASE64URL.encode(e) })
            }
            Pair::Ec(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({ "kty": "EC", "crv": curve, "x": BASE64URL.encode(x), "y": BASE64URL.encode(y) })
            }
            Pair::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": BASE64URL.encode(pair.public_key()) })
            }
        }
    }

    pub fn as_secrets(&self) -> Vec<Vec<u8>> {
        let der: Result<PublicKeyX509Der<'_>, _> = match &self.pair {
            Pair::Rsa(pair) => pair.public_key().as_der(),
            Pair::Ec(pair) => pair.public_key().as_der(),
            Pair::Ed(pair) => pair.public_key().as_der(),
        };
        let der = der.expect("a public key").as_ref().to_vec();
        let lines: Vec<_> = BASE64_STANDARD.encode(&der).into_bytes().chunks(64).map(<[u8]>::to_vec).collect();
        let pem = [b"-----BEGIN PUBLIC KEY-----", &*lines.join(&b'\n'), b"-----END PUBLIC KEY-----\n"].join(&b'\n');
        vec![der, pem, self.jwk().to_string().into_bytes()]
    }
}

pub fn hmac_sha256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
}

fn padding(algorithm: &str) -> &'static dyn RsaEncoding {
    match algorithm {
        "RS256" => &RSA_PKCS1_SHA256,
        "RS384" => &RSA_PKCS1_SHA384,
        "RS512" => &RSA_PKCS1_SHA512,
        "PS256" => &RSA_PSS_SHA256,
        "PS384" => &RSA_PSS_SHA384,
        "PS512" => &RSA_PSS_SHA512,
        other => panic!("no such algorithm: {other}"),
    }
}
