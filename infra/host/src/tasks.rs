//! `POST /tasks`: does the background work once, for a scheduler.
//!
//! It is for platforms whose instances have a processor only while they answer. It demands a secret: without it, the path
//! is one that does not exist.

use crate::{Background, pace::Pace};
use dynamo::SdkConfig;
use edge::{Answer, Call, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use jiff::Timestamp;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// The header with the secret. Platforms use `Authorization` for themselves.
const HEADER: &str = "x-tasks-secret";

/// The shortest secret, in characters: 128 bits in base64 have 22.
const SHORTEST: usize = 22;

/// What the scheduler knows. It has no `Debug` form that shows it.
pub struct Secret(String);

impl Secret {
    /// Reads `TASKS_SECRET` (absent: there is no such route); faults stay in `environment`.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        environment.optional("TASKS_SECRET", |text| match () {
            () if text.len() < SHORTEST => Err("is shorter than 22 characters"),
            () if !text.bytes().all(|byte| byte.is_ascii_graphic()) => Err("holds what a header cannot hold"),
            () => Ok(Self(text.to_owned())),
        })
    }

    fn is(&self, presented: &str) -> bool {
        self.0.as_bytes().ct_eq(presented.as_bytes()).into()
    }
}

/// The function behind `POST /tasks`.
pub struct Tasks {
    gate: Gate,
    secret: Option<Secret>,
    background: Background,
}

impl Function for Tasks {
    type Route = ();

    const ROUTES: Routes<()> = &[(Method::POST, "/tasks", ())];

    const READS_COOKIE: bool = false;

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let secret = Secret::from_environment(environment);
        let background = Background::wire(environment, aws, Pace::default(), Timestamp::now);
        Some(Self { gate: gate?, secret, background: background? })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Mails are begun for 20 seconds, and the last one may take ten more and the store's time.
    fn deadline((): ()) -> Duration {
        Duration::from_secs(45)
    }

    async fn handle(&self, (): (), call: &Call<'_>) -> Result<Answer, Problem> {
        let presented = call.header(HEADER).unwrap_or_default();
        if !self.secret.as_ref().is_some_and(|secret| secret.is(presented)) {
            return Err(Problem::NotFound);
        }
        let report = self.background.once().await.map_err(|error| Problem::unavailable(&error))?;
        Ok(Answer::json(&report))
    }
}
