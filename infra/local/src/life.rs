use crate::failure::Failure;
use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

/// How often a process is looked for.
const PAUSE: Duration = Duration::from_millis(100);

/// Which functions have a process. Each process holds a lock on a file that is named after its function; the system takes
/// the lock back when the process ends in any way.
#[derive(Clone)]
pub struct Lives(PathBuf);

impl Lives {
    /// Those of a data directory.
    pub fn of(data: &Path) -> Self {
        Self(data.join("functions"))
    }

    /// Forgets the processes of an earlier run.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn forget(&self) -> Result<(), Failure> {
        if self.0.exists() {
            std::fs::remove_dir_all(&self.0).map_err(Failure::file(&self.0))?;
        }
        std::fs::create_dir(&self.0).map_err(Failure::file(&self.0))
    }

    /// Records that this process is one of the function's for as long as the file is open, here or in the program that
    /// takes this one's place.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn begin(&self, function: &str) -> Result<File, Failure> {
        // It has its name only when it is locked, so that a process that begins is not taken for one that has ended.
        let path = self.0.join(format!("{function}.{}", std::process::id()));
        let file = File::create(&path).and_then(|file| file.lock_shared().map(|()| file));
        let file = file.map_err(Failure::file(&path))?;
        std::fs::rename(&path, self.0.join(function)).map_err(Failure::file(path))?;
        Ok(file)
    }

    /// Whether the process of the function that was started last has ended. One that was never started has not.
    pub fn is_over(&self, function: &str) -> bool {
        File::open(self.0.join(function)).is_ok_and(|file| file.try_lock().is_ok())
    }

    /// Returns when the process of the function has ended.
    pub async fn over(&self, function: &str) {
        while !self.is_over(function) {
            tokio::time::sleep(PAUSE).await;
        }
    }
}
