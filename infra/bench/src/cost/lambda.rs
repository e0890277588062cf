use crate::{
    program::Program,
    runtime_api::{Poll, RuntimeApi},
};
use serde_json::Value;
use std::{
    path::Path,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

/// The longest wait for a start or an answer. Under valgrind a program is about fifty times slower.
const PATIENCE: Duration = Duration::from_secs(60);

/// A function that runs under the emulated runtime API.
pub struct Lambda {
    process: Child,
    api: RuntimeApi,
    poll: Option<Poll>,
    /// How long it took from the start of the process to its first poll.
    pub cold: Duration,
}

impl Lambda {
    /// Starts a program and waits for its first poll. `wrapper` is a program, with its arguments, that runs it.
    pub async fn start(program: &Program, wrapper: &[String]) -> Self {
        let mut api = RuntimeApi::start().await;
        let path = program.path.to_string_lossy().into_owned();
        let words: Vec<_> = wrapper.iter().chain([&path]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).env_clear().envs(program.variables.iter().cloned());
        command.env("AWS_LAMBDA_RUNTIME_API", api.address());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
        let begun = Instant::now();
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{path} does not start: {error}"));
        let poll = tokio::select! {
            poll = timeout(PATIENCE, api.polled()) => poll.expect("a first poll within a minute"),
            ended = process.wait() => panic!("{path} ended before its first poll: {ended:?}"),
        };
        Self { process, api, poll: Some(poll), cold: begun.elapsed() }
    }

    /// Hands an event over. Returns how long the answer took, after the function has polled again.
    ///
    /// # Panics
    /// When the status is not the one expected.
    pub async fn invoke(&mut self, event: &str, status: u16) -> Duration {
        let poll = self.poll.take().expect("a function that has polled");
        let event = event.to_owned().into();
        let begun = Instant::now();
        poll.serve(event);
        let answer = timeout(PATIENCE, self.api.answered()).await.expect("an answer within a minute");
        let took = begun.elapsed();
        let read: Value = serde_json::from_slice(&answer).expect("JSON");
        assert_eq!(read["statusCode"], status, "{read}");
        self.poll = Some(timeout(PATIENCE, self.api.polled()).await.expect("another poll within a minute"));
        took
    }

    /// A file of this process below /proc.
    pub fn proc(&self, file: &str) -> String {
        let id = self.process.id().expect("a running process");
        std::fs::read_to_string(Path::new("/proc").join(id.to_string()).join(file)).unwrap_or_default()
    }

    /// Ends it by `SIGTERM`.
    pub async fn stop(mut self) -> ExitStatus {
        let id = self.process.id().expect("a running process").to_string();
        Command::new("kill").arg(id).status().await.expect("the program kill");
        self.process.wait().await.expect("an end")
    }
}
