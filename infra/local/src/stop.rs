use crate::failure::Failure;
use std::{io::Read, pin::Pin};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
};

/// The ways in which this program is asked to end.
pub struct Stop {
    signals: [Signal; 3],
    stdin: Option<oneshot::Receiver<()>>,
}

impl Stop {
    /// From now on signals are recorded instead of ending the process; with `stdin`, so is its end.
    pub fn listen(stdin: bool) -> Result<Self, Failure> {
        let on =
            |kind| signal(kind).map_err(|source| Failure::Program { program: "a signal handler".to_owned(), source });
        let signals = [on(SignalKind::interrupt())?, on(SignalKind::terminate())?, on(SignalKind::hangup())?];
        Ok(Self { signals, stdin: stdin.then(end_of_stdin) })
    }

    /// Returns when the program has been asked to end.
    pub async fn asked(mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        let stdin: Pin<Box<dyn Future<Output = ()>>> = match self.stdin {
            Some(closed) => Box::pin(async { drop(closed.await) }),
            None => Box::pin(std::future::pending()),
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
            () = stdin => {}
        }
    }
}

/// A thread, because a read of standard input cannot be cancelled, and a runtime would wait for it at its end.
fn end_of_stdin() -> oneshot::Receiver<()> {
    let (sender, closed) = oneshot::channel();
    std::thread::spawn(move || {
        while std::io::stdin().read(&mut [0; 64]).is_ok_and(|length| length > 0) {}
        drop(sender);
    });
    closed
}
