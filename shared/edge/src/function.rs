use crate::{Answer, Call, Event2, Gate, Problem, Routes, Unread, denial::tell, routes, trace::Trace};
use dynamo::SdkConfig;
use environment::Environment;
use futures_util::FutureExt;
use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use logs::{CLIENTS, cut, milliseconds};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};
use tokio::time::timeout;
use tracing::Instrument;

/// How long a call may take that asks the stores alone: they are given up before that, and tell so.
pub const DEADLINE: Duration = Duration::from_millis(4500);

/// No answer is held back longer, whatever the clocks say.
const LONGEST_HOLD: Duration = Duration::from_secs(3);

/// One Lambda function: its routes, behind its gate.
pub trait Function: Send + Sync + 'static {
    /// What its routes are called in the code.
    type Route: Copy + Send + Sync + 'static;

    /// Its routes. What asks for another path or with another method is answered before the handler.
    const ROUTES: Routes<Self::Route>;

    /// The function with the settings that it reads; `None` when one has a fault, which stays in `environment`.
    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self>
    where
        Self: Sized;

    /// Whether a person may end up looking at a problem, so that a browser gets it as a page.
    const SHOWS_PAGES: bool = false;

    /// Whether the session cookie says who asks, so that one that opens nothing is told as a denial.
    const READS_COOKIE: bool = true;

    /// The guards and the session cookie.
    fn gate(&self) -> &Gate;

    /// The `Set-Cookie` that spends what a call presented, whatever comes of the call.
    fn spent_cookie(&self, _: &Call) -> Option<String> {
        None
    }

    /// How long a call may take before it is given up. The function's own limit in the deployment is longer, since what
    /// is given up is still answered.
    fn deadline(_: Self::Route) -> Duration {
        DEADLINE
    }

    /// Answers one call. Given up, it is dropped at the next point at which it waits.
    fn handle(&self, route: Self::Route, call: &Call) -> impl Future<Output = Result<Answer, Problem>> + Send;
}

/// Answers one event, whatever happens: a panic is a 500, is logged, and the next event is served; and what takes longer
/// than the function's deadline is a 503.
pub async fn respond<F: Function>(function: &F, event: Event2, now: Timestamp) -> ApiGatewayV2httpResponse {
    let started = Instant::now();
    let (mut call, unread) = match read(event, now) {
        Ok(call) => (call, None),
        Err(Unread { call, problem }) => (*call, Some(problem)),
    };
    let span = Trace::of_call(&call).span(&call.id);
    let outcome = match unread {
        Some(problem) => Err(problem),
        None => handle(function, &mut call).instrument(span.clone()).await,
    };
    span.in_scope(|| log::<F>(function.gate(), &call, &outcome, started));
    let answer = outcome.unwrap_or_else(|problem| Answer::to(&call, &problem, F::SHOWS_PAGES && call.is_navigation()));
    hold(&answer, call.now.checked_add(started.elapsed()).unwrap_or(call.now)).await;
    answer.cookie(function.spent_cookie(&call)).into_response()
}

/// Waits until an answer may go out whose cookie must not arrive yet. After all work is done: the deadline is for work.
async fn hold(answer: &Answer, now: Timestamp) {
    let left = answer.held_until().and_then(|until| Duration::try_from(until.duration_since(now)).ok());
    tokio::time::sleep(left.unwrap_or_default().min(LONGEST_HOLD)).await;
}

/// Reads an event. Whoever sent it chose its size and its texts, so this is guarded as handling is.
fn read(event: Event2, now: Timestamp) -> Result<Call, Unread> {
    let panicked = |_| Err(Unread { call: Box::new(Call::blank(now)), problem: Problem::Internal });
    catch_unwind(|| Call::new(event, now)).unwrap_or_else(panicked)
}

/// What a function makes of a call, in the time that it has.
async fn handle<F: Function>(function: &F, call: &mut Call) -> Result<Answer, Problem> {
    let (route, parameters) = routes::find(F::ROUTES, &call.method, function.gate().own_path(&call.path))?;
    call.parameters = parameters;
    // Boxed, because a handler's future is deeper than the compiler lays out in one piece.
    let handling = AssertUnwindSafe(function.handle(route, call).boxed()).catch_unwind();
    let handled = timeout(F::deadline(route), handling).await;
    handled.map_or_else(|_| Err(Problem::overdue()), |handled| handled.unwrap_or(Err(Problem::Internal)))
}

/// One line a request, with the time that it took in milliseconds, after those of what was refused. The query is left out:
/// it carries codes and states.
fn log<F: Function>(gate: &Gate, call: &Call, outcome: &Result<Answer, Problem>, started: Instant) {
    let status = outcome.as_ref().map_or_else(Problem::status, Answer::status).as_u16();
    let problem = outcome.as_ref().err();
    tell(gate, call, problem, F::READS_COOKIE);
    let (method, path) = (cut(call.method.as_str(), CLIENTS), cut(&call.path, CLIENTS));
    let (problem, cause) = (problem.map(Problem::slug), problem.and_then(Problem::cause));
    let duration = milliseconds(started.elapsed());
    match status {
        500.. => tracing::error!(target: "request", method, path, status, problem, cause, duration),
        _ => tracing::info!(target: "request", method, path, status, problem, cause, duration),
    }
}
