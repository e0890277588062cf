//! The program of the function `identities`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    edge::run::<identities::Identities>().await
}
