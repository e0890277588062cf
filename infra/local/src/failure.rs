use crate::certificate;
use std::{io, path::PathBuf, process::ExitStatus};

/// Why the program ends, as the person at the terminal reads it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A store, or the system below it.
    #[error(transparent)]
    Local(#[from] stand::Error),
    /// The stream of a table.
    #[error(transparent)]
    Stream(#[from] streams::Error),
    /// A file or directory cannot be used.
    #[error("{}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Another instance uses the data.
    #[error("{} is in use: the API already runs here, {owner}", data.display())]
    Running {
        /// The data directory.
        data: PathBuf,
        /// What the other instance recorded about itself.
        owner: String,
    },
    /// Another process listens on the port.
    #[error("port {port}{purpose} is taken; choose another with `PORT={other} make dev`")]
    Port {
        /// The port.
        port: u16,
        /// What it is for, if that is not obvious.
        purpose: &'static str,
        /// A gateway port that may be free.
        other: u16,
    },
    /// A program cannot be run.
    #[error("{program} cannot be run; `make dev` installs what is needed")]
    Program {
        /// Its name or path.
        program: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A program ended with a failure, which it has printed.
    #[error("`{command}` failed: {status}")]
    Command {
        /// The command line.
        command: &'static str,
        /// How it ended.
        status: ExitStatus,
    },
    /// The output of `cargo metadata` is not as expected.
    #[error("the workspace's Cargo.toml cannot be understood")]
    Workspace(#[from] serde_json::Error),
    /// A variable cannot be used.
    #[error("{name} {reason}")]
    Setting {
        /// The variable.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Variables cannot be used.
    #[error("these settings cannot be used:{}", lines(.0))]
    Settings(environment::Faults),
    /// A child ended by itself.
    #[error("{0} has ended; its output is above")]
    Child(&'static str),
    /// There is no certificate for `https`.
    #[error("no certificate for https can be made")]
    Certificate(#[source] certificate::Error),
    /// The operating system gave no random bytes.
    #[error("no password can be made: {0}")]
    Randomness(getrandom::Error),
    /// A user cannot be added.
    #[error("cannot add {email}")]
    User {
        /// The address.
        email: String,
        /// Why.
        #[source]
        source: users::Error,
    },
}

/// Its text says all of them: there is no source behind it.
impl From<environment::Faults> for Failure {
    fn from(faults: environment::Faults) -> Self {
        Self::Settings(faults)
    }
}

/// One line for each.
fn lines(faults: &environment::Faults) -> String {
    faults.0.iter().map(|fault| format!("\n  {}: {}", fault.name, fault.reason)).collect()
}

impl Failure {
    /// For `map_err`: names the file that the operating system refused.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}
