//! Our programs that run on Node.js.

use crate::{failure::Failure, http, settings::Settings};
use stand::{Ending, Tether};
use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

/// A program below `infra/local`, in its own directory.
pub struct Program<'a> {
    /// Names it for the person at the terminal.
    pub what: &'static str,
    /// Its directory.
    pub directory: &'a str,
    /// The package by which it is known to be installed.
    pub package: &'a str,
    /// Its script and the arguments.
    pub arguments: &'a [&'a str],
    /// The port on which it answers 200 when it is ready.
    pub port: u16,
    /// The path at which it does.
    pub path: &'a str,
}

impl Program<'_> {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    /// When Node.js or its packages are missing, or it ends before it answers.
    pub async fn start(&self, root: &Path, settings: &Settings) -> Result<Tether, Failure> {
        let directory = root.join("infra/local").join(self.directory);
        let library = directory.join("node_modules").join(self.package).join("package.json");
        std::fs::metadata(&library)
            .map_err(|source| Failure::Program { program: library.display().to_string(), source })?;
        let mut command = Command::new("node");
        command.args(self.arguments).current_dir(directory).envs(settings.pairs());
        let tether = Tether::start(&command, Ending::Kill, Stdio::inherit())?;
        tokio::select! {
            () = self.answers() => Ok(tether),
            () = tether.over() => Err(Failure::Child(self.what)),
        }
    }

    async fn answers(&self) {
        while !matches!(http::status(self.port, "GET", self.path).await, Ok(200)) {
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

/// Returns the failure to report when a program ends by itself; if there is no program, it never returns.
pub async fn over(program: Option<&Tether>, what: &'static str) -> Failure {
    match program {
        Some(program) => program.over().await,
        None => std::future::pending().await,
    }
    Failure::Child(what)
}
