//! All functions in one program, in the place of `cargo lambda watch`.

use crate::{
    failure::Failure,
    gateway::{give, until_it_listens},
    programs::Programs,
    settings::Settings,
};
use stand::{Ending, Tether};
use std::{
    process::{Command, Stdio},
    time::Duration,
};

/// Names the part for the person at the terminal.
pub const WHAT: &str = "the program host";

/// The program.
pub const NAME: &str = "host";

/// Starts it and waits until it listens. It sends mails and follows the streams by itself.
///
/// # Errors
/// When it ends before it listens.
pub async fn start(programs: &Programs, port: u16, settings: &Settings, output: Stdio) -> Result<Tether, Failure> {
    let mut command = Command::new(programs.path(NAME));
    give(&mut command, settings);
    command.env("HOST", "127.0.0.1").env("PORT", port.to_string());
    let tether = Tether::start(&command, Ending::Terminate(Duration::from_secs(10)), output)?;
    until_it_listens(tether, port, WHAT).await
}
