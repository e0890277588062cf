use dynamo::SdkConfig;
use edge::{Answer, Call, Function, Gate, Problem, Routes};
use environment::Environment;

/// The function behind what has no route, so that such a request is answered, logged and audited as every other.
pub(crate) struct Nowhere {
    gate: Gate,
}

impl Function for Nowhere {
    type Route = ();

    const ROUTES: Routes<()> = &[];

    const READS_COOKIE: bool = false;

    fn wire(environment: &mut Environment, _: &SdkConfig) -> Option<Self> {
        Some(Self { gate: Gate::from_environment(environment)? })
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Never called: there is no route.
    async fn handle(&self, (): (), _: &Call<'_>) -> Result<Answer, Problem> {
        Err(Problem::NotFound)
    }
}
