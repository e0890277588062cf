//! `GET /.well-known/jwks.json`: the public keys that verify our JWTs (RFC 7517).
//!
//! It is open to every client, and reads only public attributes. A key is published long before it signs, so the answer
//! may be cached for five minutes. An empty answer may not, because the first token makes the first key. While DynamoDB
//! is away, an instance answers with what it read last, for at most an hour.

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Call, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use serde::Serialize;
use tokens::{Jwk, KeySet, PublicKeys};

/// The function behind `GET /.well-known/jwks.json`.
pub struct Jwks {
    gate: Gate,
    keys: PublicKeys,
}

#[derive(Serialize)]
struct Set {
    keys: Vec<Jwk>,
}

impl Function for Jwks {
    type Route = ();

    const ROUTES: Routes<()> = &[(Method::GET, "/.well-known/jwks.json", ())];

    const READS_COOKIE: bool = false;

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        Some(Self { gate: gate?, keys: PublicKeys::new(dynamo) })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, (): (), call: &Call<'_>) -> Result<Answer, Problem> {
        let KeySet { keys, max_age } =
            self.keys.current(call.now).await.map_err(|error| Problem::unavailable(&error))?;
        let cache = match max_age.as_secs() {
            0 => "no-store".to_owned(),
            seconds => format!("public, max-age={seconds}"),
        };
        Ok(Answer::json(&Set { keys }).header("cache-control", cache))
    }
}
