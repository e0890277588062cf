//! The program of the function `device`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    edge::run::<device::Device>().await
}
