//! `GET /me[?slide=false]`: tells for a session cookie who is signed in.
//!
//! The hot path: one Redis round trip while the session is warm.

use dynamo::{Dynamo, SdkConfig};
use edge::{Answer, Call, Function, Gate, Method, Problem, Routes, Sample, SignedIn};
use environment::Environment;
use session::{Sessions, Slide};

/// The function behind `GET /me`.
pub struct Me {
    gate: Gate,
    sessions: Sessions,
    sample: Sample,
}

impl Function for Me {
    type Route = ();

    const ROUTES: Routes<()> = &[(Method::GET, "/me", ())];

    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let gate = Gate::from_environment(environment);
        let dynamo = Dynamo::from_environment(environment, aws);
        let sessions = Sessions::from_environment(environment, &dynamo);
        let sample = Sample::from_environment(environment);
        Some(Self { gate: gate?, sessions, sample })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    fn sessions(&self) -> Option<&Sessions> {
        Some(&self.sessions)
    }

    fn sample(&self) -> Sample {
        self.sample
    }

    async fn handle(&self, (): (), call: &Call<'_>) -> Result<Answer, Problem> {
        let slide = slide(call)?;
        let token = self.gate.token(call)?.ok_or(Problem::SignedOut)?;

        let session = self.sessions.authenticate(&token, slide, call.now).await?.ok_or(Problem::SignedOut)?;

        let renewed = self.gate.renewed(call, &token, &session);
        Ok(Answer::json(&SignedIn::new(&token, &session)).cookie(renewed))
    }
}

fn slide(call: &Call<'_>) -> Result<Slide, Problem> {
    match call.query("slide")? {
        None | Some("true") => Ok(Slide::Yes),
        Some("false") => Ok(Slide::No),
        Some(_) => Err(Problem::BadRequest("slide is neither true nor false.".to_owned())),
    }
}
