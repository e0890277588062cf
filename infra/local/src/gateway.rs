//! The functions behind `cargo lambda watch`.

use crate::{
    failure::Failure,
    http,
    settings::Settings,
    workspace::{Route, Workspace, cargo},
};
use futures_util::future::{join, join_all};
use stand::{Ending, Tether};
use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

/// Names the part for the person at the terminal.
pub const WHAT: &str = "the gateway (cargo lambda watch)";

/// How long a part may take until its first answer.
const LIMIT: Duration = Duration::from_secs(30);

/// How to run the gateway.
pub struct Gateway<'a> {
    /// The program `cargo-lambda`.
    pub program: PathBuf,
    /// Where to listen.
    pub port: u16,
    /// The file of the functions' variables.
    pub settings_file: &'a Path,
    /// Whether a changed file restarts the functions.
    pub reload: bool,
    /// How many processes a function may have at the same time.
    pub concurrency: u16,
}

/// Builds every function, so that nothing is left to build when one starts.
///
/// It builds the whole workspace at once, as `cargo run --bin` would: Cargo unifies features over all selected
/// packages, so a package built alone would be built again.
///
/// # Errors
/// When something does not compile.
pub async fn build(root: &Path) -> Result<(), Failure> {
    let mut command = tokio::process::Command::new(cargo());
    command.args(["build", "--bins"]).current_dir(root).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    let status = command.status().await.map_err(|source| Failure::Program { program: "cargo".to_owned(), source })?;
    if status.success() { Ok(()) } else { Err(Failure::Command { command: "cargo build --bins", status }) }
}

impl Gateway<'_> {
    /// Starts the gateway and waits until it listens.
    ///
    /// # Errors
    /// When the program is missing, or ends or does not listen.
    pub async fn start(&self, root: &Path, settings: &Settings) -> Result<Tether, Failure> {
        let program = root.join(&self.program);
        std::fs::metadata(&program)
            .map_err(|source| Failure::Program { program: program.display().to_string(), source })?;
        let tether = Tether::start(
            &self.command(&program, root, settings),
            Ending::Terminate(Duration::from_secs(5)),
            Stdio::inherit(),
        )?;
        until_it_listens(tether, self.port, WHAT).await
    }

    fn command(&self, program: &Path, root: &Path, settings: &Settings) -> Command {
        let mut command = Command::new(program);
        command.args(["lambda", "watch", "--invoke-address", "127.0.0.1"]).current_dir(root);
        command.arg("--invoke-port").arg(self.port.to_string()).arg("--env-file").arg(self.settings_file);
        command.arg("--concurrency").arg(self.concurrency.to_string());
        if !self.reload {
            command.arg("--ignore-changes");
        }
        give(&mut command, settings);
        command
    }
}

/// Gives a program the settings. It inherits the caller's variables too: none of these may lead to another machine.
pub fn give(command: &mut Command, settings: &Settings) {
    for name in ["AWS_PROFILE", "AWS_SESSION_TOKEN", "REDIS_URL"] {
        command.env_remove(name);
    }
    command.envs(settings.pairs());
}

/// Waits until a front that has been started listens.
///
/// # Errors
/// When it ends, or does not listen.
pub async fn until_it_listens(tether: Tether, port: u16, what: &'static str) -> Result<Tether, Failure> {
    let late = Failure::Child { what, happened: "does not listen" };
    tokio::select! {
        () = listens(port) => Ok(tether),
        () = tether.over() => Err(ended(what)),
        () = tokio::time::sleep(LIMIT) => Err(late),
    }
}

/// The failure if a front ends by itself.
pub fn ended(what: &'static str) -> Failure {
    Failure::Child { what, happened: "has ended" }
}

/// Sends each function a request that changes nothing, so that each runs before the first real one. Returns the names
/// of those that did not answer. A function without a route is called as its schedule would.
///
/// If a function's process has ended, the gateway does not start it again until a file changes: until then its requests
/// wait. The gateway's own time-out does not help: it also ends functions that wait for work.
pub async fn warm(port: u16, workspace: &Workspace) -> Vec<String> {
    let routed = workspace.routes.iter().map(async |(function, Route { method, path })| {
        let answer = http::status(port, method, path, LIMIT).await;
        answer.is_err().then(|| function.clone())
    });
    let unrouted = workspace.unrouted.iter().map(async |function| {
        let answer = invoke(port, function, "{}").await;
        answer.is_err().then(|| function.clone())
    });
    let (routed, unrouted) = join(join_all(routed), join_all(unrouted)).await;
    routed.into_iter().chain(unrouted).flatten().collect()
}

/// Calls a function with an event, as Lambda does, and returns its answer, even if that reports a failure.
///
/// # Errors
/// When there is no answer.
pub async fn invoke(port: u16, function: &str, event: &str) -> io::Result<String> {
    let path = format!("/2015-03-31/functions/{function}/invocations");
    http::post(port, &path, event, LIMIT).await
}

async fn listens(port: u16) {
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
