use crate::failure::Failure;
use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    io::{ErrorKind, PipeWriter, Write},
    os::fd::OwnedFd,
};
use tokio::net::unix::pipe::Receiver;

/// What the functions and their gateway print. Up to the greeting it is kept back: a person reads the greeting first, and
/// what came before it only if something failed.
pub struct Output {
    pipe: Receiver,
    kept: RefCell<Vec<u8>>,
    passes: Cell<bool>,
}

impl Output {
    /// The output, and the end of it that the programs write to.
    ///
    /// # Errors
    /// When the system has no pipe left.
    pub fn new() -> Result<(Self, PipeWriter), Failure> {
        let made = std::io::pipe().and_then(|(reader, writer)| {
            let pipe = Receiver::from_owned_fd(OwnedFd::from(reader))?;
            Ok((Self { pipe, kept: RefCell::default(), passes: Cell::default() }, writer))
        });
        made.map_err(|source| Failure::Program { program: "a pipe".to_owned(), source })
    }

    /// Carries what the programs write, for as long as this program runs.
    pub async fn carry(&self) -> Infallible {
        while self.pipe.readable().await.is_ok() && self.read() {}
        // Every program that wrote is gone.
        std::future::pending().await
    }

    /// From now on everything is shown. What was kept is not: nothing failed.
    pub fn pass(&self) {
        self.read();
        self.kept.take();
        self.passes.set(true);
    }

    /// From now on everything is shown, and first what was kept.
    pub fn show(&self) {
        self.read();
        self.passes.set(true);
        put(&self.kept.take());
    }

    /// Takes what there is. Returns whether more can come.
    fn read(&self) -> bool {
        let mut buffer = [0; 8192];
        loop {
            match self.pipe.try_read(&mut buffer) {
                Ok(0) => return false,
                Ok(count) if self.passes.get() => put(&buffer[..count]),
                Ok(count) => self.kept.borrow_mut().extend_from_slice(&buffer[..count]),
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
        }
    }
}

/// If nothing reads our own output, that is no reason to stop.
fn put(bytes: &[u8]) {
    drop(std::io::stderr().lock().write_all(bytes));
}
