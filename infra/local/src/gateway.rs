//! The functions behind `cargo lambda watch`.

use crate::{
    failure::Failure,
    function, http,
    life::Lives,
    programs::Programs,
    settings::Settings,
    workspace::{Route, Workspace},
};
use futures_util::future::{join, join_all};
use stand::{Ending, Tether};
use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

/// Names the part for the person at the terminal.
pub const WHAT: &str = "the gateway (cargo lambda watch)";

/// How to run the gateway.
pub struct Gateway<'a> {
    /// The program `cargo-lambda`.
    pub program: PathBuf,
    /// Where to listen. Browsers do not ask here but at the front.
    pub port: u16,
    /// The programs of the functions.
    pub programs: &'a Programs,
    /// The file of the functions' variables.
    pub settings_file: &'a Path,
    /// Whether a changed file restarts the functions.
    pub reload: bool,
    /// How many processes a function may have at the same time.
    pub concurrency: u16,
}

impl Gateway<'_> {
    /// Starts the gateway and waits until it listens.
    ///
    /// # Errors
    /// When the program is missing, or ends before it listens.
    pub async fn start(&self, settings: &Settings, output: Stdio) -> Result<Tether, Failure> {
        let program = self.programs.root.join(&self.program);
        std::fs::metadata(&program)
            .map_err(|source| Failure::Program { program: program.display().to_string(), source })?;
        let command = self.command(&program, settings)?;
        let tether = Tether::start(&command, Ending::Terminate(Duration::from_secs(5)), output)?;
        until_it_listens(tether, self.port, WHAT).await
    }

    fn command(&self, program: &Path, settings: &Settings) -> Result<Command, Failure> {
        let mut command = Command::new(program);
        // Which pages may read the answers is decided at the front.
        command.args(["lambda", "watch", "--disable-cors", "--invoke-address", "127.0.0.1"]);
        command.arg("--manifest-path").arg(self.programs.root.join("Cargo.toml"));
        // It watches the directory that it runs in, once for each function. That of the workspace holds what is built and
        // installed, and takes it minutes.
        command.env("CARGO", function::in_place_of_cargo(self.programs)?).current_dir(self.programs.directory());
        // Its output goes through our own to the terminal.
        if io::stderr().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        command.arg("--invoke-port").arg(self.port.to_string()).arg("--env-file").arg(self.settings_file);
        command.arg("--concurrency").arg(self.concurrency.to_string());
        if !self.reload {
            command.arg("--ignore-changes");
        }
        give(&mut command, settings);
        Ok(command)
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
/// When it ends before it does.
pub async fn until_it_listens(tether: Tether, port: u16, what: &'static str) -> Result<Tether, Failure> {
    tokio::select! {
        () = listens(port) => Ok(tether),
        () = tether.over() => Err(Failure::Child(what)),
    }
}

/// The functions, as the gateway calls them.
#[derive(Clone)]
pub struct Functions {
    /// The port of the gateway.
    pub port: u16,
    /// Which of them have a process.
    pub lives: Lives,
}

impl Functions {
    /// Sends each function a request that changes nothing, so that each runs before the first real one. Returns the names
    /// of those that did not answer. A function without a route is called as its schedule would.
    pub async fn warm(&self, workspace: &Workspace) -> Vec<String> {
        let routed = workspace.routes.iter().map(async |(function, Route { method, path })| {
            let answer = self.answer(function, http::status(self.port, method, path)).await;
            answer.is_err().then(|| function.clone())
        });
        let unrouted = workspace.unrouted.iter().map(async |function| {
            let answer = self.invoke(function, "{}").await;
            answer.is_err().then(|| function.clone())
        });
        let (routed, unrouted) = join(join_all(routed), join_all(unrouted)).await;
        routed.into_iter().chain(unrouted).flatten().collect()
    }

    /// Calls a function with an event, as Lambda does, and returns its answer, even if that reports a failure.
    ///
    /// # Errors
    /// When it has no process that could answer.
    pub async fn invoke(&self, function: &str, event: &str) -> io::Result<String> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        self.answer(function, http::post(self.port, &path, event)).await
    }

    /// The answer, however long a process takes that lives. If it has ended, the gateway does not start another one until
    /// the programs change: until then its requests would wait. The gateway's own time-out does not help: it also ends
    /// functions that wait for work.
    async fn answer<T>(&self, function: &str, asked: impl Future<Output = io::Result<T>>) -> io::Result<T> {
        tokio::select! {
            biased;
            () = self.lives.over(function) => Err(io::ErrorKind::NotConnected.into()),
            answer = asked => answer,
        }
    }
}

async fn listens(port: u16) {
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    /// The clock of this test goes as fast as it can.
    #[tokio::test(start_paused = true)]
    async fn a_function_is_waited_for_as_long_as_its_process_lives() {
        let data = tempfile::tempdir().unwrap();
        let lives = Lives::of(data.path());
        lives.forget().unwrap();
        let life = lives.begin("slow").unwrap();
        // It takes connections, and answers none.
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let functions = Functions { port: listener.local_addr().unwrap().port(), lives };
        let mut answer = std::pin::pin!(functions.invoke("slow", "{}"));
        assert!(timeout(Duration::from_hours(1), &mut answer).await.is_err());
        drop(life);
        assert!(answer.await.is_err());
    }
}
