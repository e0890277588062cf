//! The program of the function `health`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    edge::run::<health::Health>().await
}
