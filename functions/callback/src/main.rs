//! The program of the function `callback`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    edge::run::<callback::Callback>().await
}
