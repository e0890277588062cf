//! All functions in one program, in the place of `cargo lambda watch`.

use crate::{
    failure::Failure,
    gateway::{give, until_it_listens},
    settings::Settings,
    workspace::Workspace,
};
use stand::{Ending, Tether};
use std::{
    process::{Command, Stdio},
    time::Duration,
};

/// Names the part for the person at the terminal.
pub const WHAT: &str = "the program host";

/// Starts it and waits until it listens. It sends mails and follows the streams by itself.
///
/// # Errors
/// When it is not built, or ends or does not listen.
pub async fn start(workspace: &Workspace, port: u16, settings: &Settings) -> Result<Tether, Failure> {
    let program = workspace.target.join("debug/host");
    std::fs::metadata(&program)
        .map_err(|source| Failure::Program { program: program.display().to_string(), source })?;
    let mut command = Command::new(program);
    give(&mut command, settings);
    command.env("HOST", "127.0.0.1").env("PORT", port.to_string());
    let tether = Tether::start(&command, Ending::Terminate(Duration::from_secs(10)), Stdio::inherit())?;
    until_it_listens(tether, port, WHAT).await
}
