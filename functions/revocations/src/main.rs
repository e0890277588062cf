//! The program of the function `revocations`.

use revocations::{Event, Revocations};
use std::{convert::Infallible, process::ExitCode};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let follow = async |revocations: &Revocations, event: Event| Ok::<_, Infallible>(revocations.follow(event).await);
    edge::run_events(Revocations::wire, follow).await
}
