use crate::{Background, Cors, Front, Functions, Limits, Pace, Settings, Stop, credentials, serve};
use dynamo::SdkConfig;
use environment::Environment;
use futures_util::future::join;
use jiff::Timestamp;
use std::{error::Error, io, process::ExitCode, sync::Arc};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};
use tracing::Instrument;

/// Passwords that are hashed or judged at the same time; others wait. Each hash takes 19 MiB, so that a crowd at the door
/// must not decide how much memory the host needs.
const AT_ONCE: usize = 8;

/// Everything that runs in one process.
pub struct Host {
    settings: Settings,
    front: Arc<Front>,
    background: Background,
}

impl Host {
    /// The host with the settings that it and its functions read; `None` when one has a fault, which stays in
    /// `environment`.
    pub fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let settings = Settings::from_environment(environment);
        let cors = Cors::from_environment(environment);
        let functions = Functions::wire(environment, aws);
        let background = Background::wire(environment, aws, Pace::default(), Timestamp::now);
        Some(Self { settings, front: Arc::new(Front::new(functions?, cors)), background: background? })
    }

    /// Serves until it is asked to end.
    ///
    /// # Errors
    /// When it cannot listen.
    async fn run(self) -> io::Result<()> {
        let [mut interrupt, mut terminate] = signals()?;
        let listener = TcpListener::bind(self.settings.address).await?;
        self.front.functions().connect().await;
        tracing::info!(address = %self.settings.address, "the host listens");
        let (end, stop) = Stop::new();
        let asked = async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            end.send_replace(true);
        };
        let limits = Limits::default();
        let serving = serve(listener, self.front, limits, Timestamp::now, asked);
        let working = work(&self.background, self.settings.scheduled, &stop, limits);
        if join(serving, working).await != (true, true) {
            tracing::warn!("the host ends before everything is finished");
        }
        Ok(())
    }
}

/// Does the background work until the host is asked to end, unless a scheduler calls for it. Returns whether what was under
/// way was finished in time.
async fn work(background: &Background, is_scheduled: bool, stop: &Stop, limits: Limits) -> bool {
    if is_scheduled {
        return true;
    }
    let late = async {
        stop.asked().await;
        tokio::time::sleep(limits.grace).await;
    };
    tokio::select! {
        () = background.run(stop) => true,
        () = late => false,
    }
}

/// The whole of the program: reads the settings and serves requests until it is asked to end.
///
/// With settings that it cannot use the host does not start: one line of the log names every fault.
pub fn run() -> ExitCode {
    let mut environment = logs::start();
    let ended = runtime().and_then(|runtime| runtime.block_on(start(&mut environment).instrument(span())));
    ended.unwrap_or_else(|error| {
        span().in_scope(|| tracing::error!(error = &error as &dyn Error, "the host cannot run"));
        ExitCode::FAILURE
    })
}

async fn start(environment: &mut Environment) -> io::Result<ExitCode> {
    let aws = credentials::sdk_config(environment).await;
    let host = Host::wire(environment, &aws);
    match edge::judged("the host", environment, host, Functions::routes) {
        Some(host) => host.run().await.map(|()| ExitCode::SUCCESS),
        None => Ok(ExitCode::FAILURE),
    }
}

/// What the host's own lines have in common with those of its functions.
fn span() -> tracing::Span {
    tracing::info_span!(target: "invocation", "function", function = "host")
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().max_blocking_threads(AT_ONCE).build()
}

fn signals() -> io::Result<[Signal; 2]> {
    Ok([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    /// Otherwise as many passwords as there are requests would be hashed at once, at 19 MiB each.
    #[test]
    fn few_passwords_are_hashed_at_once_however_many_ask() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (now, most) = (Arc::new(now), Arc::new(most));
        runtime().unwrap().block_on(async {
            let hashes = (0..40).map(|_| {
                let (now, most) = (Arc::clone(&now), Arc::clone(&most));
                tokio::task::spawn_blocking(move || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(5));
                    now.fetch_sub(1, Ordering::SeqCst);
                })
            });
            futures_util::future::join_all(hashes).await;
        });
        assert!((2..=AT_ONCE).contains(&most.load(Ordering::SeqCst)), "{most:?}");
    }
}
