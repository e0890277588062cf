use crate::failure::Failure;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

/// The right to use a data directory, held until dropped. If the process is killed, the system takes it back.
pub struct Lock(#[expect(dead_code, reason = "held, not used")] File);

impl Lock {
    /// Takes the right to use `data`, and records the owner for other processes.
    ///
    /// # Errors
    /// [`Failure::Running`] when another process has it.
    pub fn take(data: &Path, owner: &str) -> Result<Self, Failure> {
        let path = data.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = file.map_err(Failure::file(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                file.read_to_string(&mut owner).map_err(Failure::file(&path))?;
                return Err(Failure::Running { data: data.to_owned(), owner: owner.trim().to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(Failure::File { path, source }),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{owner}"))
            .map_err(Failure::file(path))?;
        Ok(Self(file))
    }
}
