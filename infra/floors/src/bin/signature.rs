//! A function that signs once with ECDSA on P-256, as a JWT is signed.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use lambda_http::{Error, Request, service_fn};

const BODY: &[u8] = include_bytes!("body.json");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (key, random) = (&EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?, &SystemRandom::new());
    lambda_http::run(service_fn(async |_: Request| {
        let signature = key.sign(random, BODY)?;
        Ok::<_, Error>(signature.as_ref().len().to_string())
    }))
    .await
}
