//! The program of the function `session-token`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    edge::run::<session_token::SessionToken>().await
}
