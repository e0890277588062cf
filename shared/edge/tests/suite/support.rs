use dynamo::SdkConfig;
use edge::{Answer, Call, Event2, Function, Gate, Method, Problem, Routes};
use environment::Environment;
use scene::{Reply, Request, gate, now};

/// A function that answers as the test says.
pub struct Probe {
    pub gate: Gate,
    pub handler: fn(&Gate, &Call<'_>) -> Result<Answer, Problem>,
    /// The problem that it answers instead.
    pub problem: Option<fn() -> Problem>,
}

impl Function for Probe {
    type Route = ();

    const ROUTES: Routes<()> =
        &[(Method::GET, "/probe", ()), (Method::POST, "/probe", ()), (Method::POST, "/probe/{name}", ())];

    fn wire(_: &mut Environment, _: &SdkConfig) -> Option<Self> {
        None
    }

    fn gate(&self) -> &Gate {
        &self.gate
    }

    async fn handle(&self, (): (), call: &Call<'_>) -> Result<Answer, Problem> {
        self.problem.map_or_else(|| (self.handler)(&self.gate, call), |problem| Err(problem()))
    }
}

impl Probe {
    pub fn new(handler: fn(&Gate, &Call<'_>) -> Result<Answer, Problem>) -> Self {
        Self { gate: gate(), handler, problem: None }
    }

    pub async fn ask(&self, request: &Request) -> Reply {
        request.send(self, now()).await
    }
}

/// A function with this problem, and without a way back.
pub fn without_way_back(problem: fn() -> Problem) -> Probe {
    Probe { problem: Some(problem), ..Probe::new(|_, _| Ok(Answer::empty())) }
}

/// Answers 204 to every call that passes all guards of an unsafe request.
pub fn guarded() -> Probe {
    Probe::new(|gate, call| gate.unsafe_call(call).map(|_| Answer::empty()))
}

/// The call that a handler would see.
pub fn call(request: &Request) -> Call<'static> {
    let event: Event2 = serde_json::from_value(request.event()).expect("an event");
    // A call reads from its event, which the tests keep to their end.
    Call::new(Box::leak(Box::new(event)), now()).unwrap_or_else(|_| panic!("a request: {request:?}"))
}

/// The names of the variables in which `read` finds faults.
pub fn faults<T>(pairs: &[(&str, &str)], read: impl FnOnce(&mut environment::Environment) -> Option<T>) -> Vec<String> {
    let mut environment = environment::Environment::of(pairs.iter().copied());
    let settings = read(&mut environment);
    match environment.finish(settings) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.0.into_iter().map(|fault| fault.name).collect(),
    }
}
