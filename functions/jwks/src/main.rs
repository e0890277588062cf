//! The program of the function `jwks`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    edge::run::<jwks::Jwks>().await
}
