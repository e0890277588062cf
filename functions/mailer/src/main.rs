//! The program of the function `mailer`.

use jiff::Timestamp;
use mailer::Mailer;
use serde::de::IgnoredAny;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    edge::run_events(Mailer::wire, async |mailer, _: IgnoredAny| mailer.deliver(Timestamp::now).await).await
}
