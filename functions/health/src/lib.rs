//! `GET /health`: whether the stores answer, for monitors and load balancers.
//!
//! It is open to every client, and reveals nothing else. Each result is reused for a second, so that a flood of
//! requests costs the stores nothing.

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Call, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use session::Sessions;
use std::sync::{Mutex, PoisonError};

/// How long an answer is reused.
const LIFE: SignedDuration = SignedDuration::from_secs(1);

/// The function behind `GET /health`.
pub struct Health {
    gate: Gate,
    sessions: Sessions,
    last: Mutex<Option<(Timestamp, session::Health)>>,
}

#[derive(Serialize)]
struct Report {
    status: &'static str,
    redis: &'static str,
    dynamodb: &'static str,
}

impl Health {
    async fn look(&self, now: Timestamp) -> session::Health {
        // If the clock was set back, an answer becomes neither younger nor permanent.
        let is_fresh = |at: Timestamp| at <= now && now.duration_since(at) < LIFE;
        match *self.last.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((at, health)) if is_fresh(at) => return health,
            _ => {}
        }
        let health = self.sessions.health().await;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, health));
        health
    }
}

impl Function for Health {
    type Route = ();

    const ROUTES: Routes<()> = &[(Method::GET, "/health", ())];

    const READS_COOKIE: bool = false;

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let sessions = Sessions::from_environment(environment, &dynamo);
        Some(Self { gate: gate?, sessions, last: Mutex::default() })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn sessions(&self) -> Option<&Sessions> {
        Some(&self.sessions)
    }

    async fn handle(&self, (): (), call: &Call<'_>) -> Result<Answer, Problem> {
        let health = self.look(call.now).await;
        let (all, redis) = (health.dynamodb && health.redis != Some(false), health.redis.map_or("none", word));
        let report = Report { status: word(all), redis, dynamodb: word(health.dynamodb) };
        Ok(if all { Answer::json(&report) } else { Answer::unavailable(&report) })
    }
}

fn word(answers: bool) -> &'static str {
    if answers { "ok" } else { "unavailable" }
}
