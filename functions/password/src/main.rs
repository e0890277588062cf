//! The program of the function `password`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    edge::run::<password::Password>().await
}
