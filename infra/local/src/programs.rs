use crate::{failure::Failure, greeting::say};
use std::{
    convert::Infallible,
    ffi::{OsStr, OsString},
    fs::DirEntry,
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, SystemTime},
};

/// How often files are looked at.
const PAUSE: Duration = Duration::from_millis(500);

/// The programs of the workspace: what builds them, and whether they are still those of its files.
pub struct Programs {
    /// The program that runs Cargo.
    pub cargo: OsString,
    /// The directory of the root manifest.
    pub root: PathBuf,
    /// The directory of what is built.
    pub target: PathBuf,
    /// Directory of everything that is kept between runs.
    pub data: PathBuf,
    /// Their names.
    pub names: Vec<String>,
}

impl Programs {
    /// A program of the workspace.
    pub fn path(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// The directory that changes whenever the programs do. Nothing else is in it but what runs them, so that it can be
    /// watched in no time.
    pub fn directory(&self) -> PathBuf {
        self.data.join("programs")
    }

    /// Whether there may be something to build.
    pub fn is_stale(&self) -> bool {
        time_of(&self.begun()).is_some() || time_of(&self.built()).is_none_or(|then| self.changed_since(then))
    }

    /// Builds every program, so that nothing is left to build when one starts. Cargo is asked in any case, since it also
    /// knows of changes outside the workspace; if there is nothing to build, it prints nothing.
    ///
    /// It selects programs (`--bin`), not packages: Cargo unifies features over all selected packages, so a package built
    /// alone would be built again.
    ///
    /// # Errors
    /// When something does not compile.
    pub async fn build(&self) -> Result<(), Failure> {
        let (is_stale, begun, built) = (self.is_stale(), self.begun(), self.built());
        std::fs::create_dir_all(self.directory()).map_err(Failure::file(self.directory()))?;
        // Its time is the beginning of the build. It gets its other name when the build has gone well.
        std::fs::write(&begun, "").map_err(Failure::file(&begun))?;
        let mut command = tokio::process::Command::new(&self.cargo);
        command.args(["build", "--workspace"]).args(self.names.iter().flat_map(|name| ["--bin", name]));
        command.args((!is_stale).then_some("--quiet")).current_dir(&self.root);
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let status = command.status().await;
        let status = status.map_err(|source| Failure::Program { program: "cargo".to_owned(), source })?;
        if !status.success() {
            return Err(Failure::Command { command: "cargo build", status });
        }
        let then = time_of(&begun);
        std::fs::rename(begun, &built).map_err(Failure::file(built))?;
        if self.names.iter().any(|name| time_of(&self.path(name)) >= then) {
            let changed = self.directory().join("changed");
            std::fs::write(&changed, "").map_err(Failure::file(changed))?;
        }
        Ok(())
    }

    /// Builds again whenever a file has changed.
    pub async fn follow(&self) -> Infallible {
        loop {
            tokio::time::sleep(PAUSE).await;
            // A build that failed is not tried again before the next change.
            let last = time_of(&self.begun()).or_else(|| time_of(&self.built()));
            if last.is_none_or(|then| self.changed_since(then)) && self.build().await.is_err() {
                say("That does not compile; the functions run as they were.");
            }
        }
    }

    fn begun(&self) -> PathBuf {
        self.data.join("building")
    }

    fn built(&self) -> PathBuf {
        self.data.join("built")
    }

    /// Whether anything in the workspace may have changed since then.
    fn changed_since(&self, then: SystemTime) -> bool {
        // A file that goes while it is looked at is a change.
        self.has_newer(then, &self.root).unwrap_or(true)
    }

    /// What is built, stored or installed is left out.
    fn has_newer(&self, then: SystemTime, directory: &Path) -> io::Result<bool> {
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            if self.is_left_out(&entry) {
                continue;
            }
            let metadata = entry.metadata()?;
            // The time of a directory tells of files that are gone.
            if metadata.modified()? >= then || metadata.is_dir() && self.has_newer(then, &entry.path())? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_left_out(&self, entry: &DirEntry) -> bool {
        let name = entry.file_name();
        let is_hidden = name.as_encoded_bytes().starts_with(b".") && name != OsStr::new(".cargo");
        is_hidden || name == OsStr::new("node_modules") || [&self.target, &self.data].contains(&&entry.path())
    }
}

fn time_of(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|metadata| metadata.modified()).ok()
}
