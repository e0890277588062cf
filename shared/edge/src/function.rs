use crate::{
    Answer, Call, Destination, Event2, Gate, Problem, Response, Routes, Sample, Unread, denial::audit_denials, routes,
    trace::Trace,
};
use dynamo::SdkConfig;
use environment::Environment;
use futures_util::FutureExt;
use http::Method;
use jiff::Timestamp;
use logs::{CLIENTS, cut, milliseconds};
use session::Sessions;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};
use tokio::time::timeout;
use tracing::Instrument;

/// The time for a call that only asks the stores. They are given up before that, and say so.
pub const DEADLINE: Duration = Duration::from_millis(4500);

/// No answer is held back longer, even if clocks differ.
const LONGEST_HOLD: Duration = Duration::from_secs(3);

/// One Lambda function: its routes, behind its gate.
pub trait Function: Send + Sync + 'static {
    /// How the code names its routes.
    type Route: Copy + Send + Sync + 'static;

    /// Its routes. A request for another path or method is answered before the handler.
    const ROUTES: Routes<Self::Route>;

    /// The function with the settings that it reads; `None` when one has a fault, which stays in `environment`.
    fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self>
    where
        Self: Sized;

    /// Whether the session cookie identifies the caller, so that a cookie that opens nothing is reported as a denial.
    const READS_COOKIE: bool = true;

    /// The guards and the session cookie.
    fn gate(&self) -> &Gate;

    /// Which of the lines about its successful requests are logged.
    fn sample(&self) -> Sample {
        Sample::ALL
    }

    /// The sessions that it asks for, if it does: before the first request they are connected to Redis.
    fn sessions(&self) -> Option<&Sessions> {
        None
    }

    /// Where a person comes back to whose navigation failed, however the handler ended. [`WayBack`](crate::WayBack) has
    /// the pages. If there is none, the person gets the problem document too.
    fn way_back(&self, _: &Call<'_>) -> Option<Destination<'_>> {
        None
    }

    /// The `Set-Cookie` that spends what a call presented that failed, however the handler ended. An answer that
    /// succeeds has its own.
    fn spent_cookie(&self, _: &Call<'_>) -> Option<String> {
        None
    }

    /// The time for a call before it is given up. The function's own limit in the deployment is longer, since a call
    /// that is given up still gets an answer.
    fn deadline(_: Self::Route) -> Duration {
        DEADLINE
    }

    /// Answers one call. If it is given up, the future is dropped where it next waits.
    fn handle(&self, route: Self::Route, call: &Call<'_>) -> impl Future<Output = Result<Answer, Problem>> + Send;
}

/// Whether a request for this path, as it was sent, is one of the function's. At a gateway a request for any other reaches
/// no function.
pub fn has_route<F: Function>(function: &F, method: &Method, path: &str) -> bool {
    routes::find(F::ROUTES, method, function.gate().own_path(path)).is_ok()
}

/// Answers one invocation. `None` to the schedule's, which asks for nothing: that leaves no line in the log.
pub async fn serve<F: Function>(function: &F, event: Event2, now: Timestamp) -> Option<Response> {
    if event.asks_for_nothing() {
        return None;
    }
    Some(respond(function, event, now).await)
}

/// Answers one event in every case. A panic is logged and gives a 500, and the next event is served. A call that takes
/// longer than the function's deadline gives a 503.
pub async fn respond<F: Function>(function: &F, event: Event2, now: Timestamp) -> Response {
    let started = Instant::now();
    let (mut call, unread) = match read(&event, now) {
        Ok(call) => (call, None),
        Err(Unread { call, problem }) => (*call, Some(problem)),
    };
    let span = Trace::of_call(&call).span(&call.id);
    let outcome = match unread {
        Some(problem) => Err(problem),
        None => handle(function, &mut call).instrument(span.clone()).await,
    };
    span.in_scope(|| log(function, &call, &outcome, started));
    let answer = outcome.unwrap_or_else(|problem| failed(function, &call, &problem));
    hold(&answer, call.now.checked_add(started.elapsed()).unwrap_or(call.now)).await;
    answer.into_response()
}

/// The answer to a call that failed: to a person the way back, to a program the problem. A method that is not served is
/// a program's mistake; and the page that a person comes back to must never lead to itself.
fn failed<F: Function>(function: &F, call: &Call<'_>, problem: &Problem) -> Answer {
    let leads_back = call.is_navigation() && !matches!(problem, Problem::MethodNotAllowed(_));
    let page = if leads_back { function.way_back(call) } else { None };
    let answer = match page {
        Some(page) => Answer::see_other(&page.told(call, problem)),
        None => Answer::to(call, problem),
    };
    answer.cookie(function.spent_cookie(call))
}

/// Waits until an answer may go out whose cookie must not arrive yet. This comes after all work: the deadline is for
/// work.
async fn hold(answer: &Answer, now: Timestamp) {
    let left = answer.held_until().and_then(|until| Duration::try_from(until.duration_since(now)).ok());
    // Even a sleep of no length waits for the timer's next tick, a millisecond.
    if let Some(left) = left.filter(|left| !left.is_zero()) {
        tokio::time::sleep(left.min(LONGEST_HOLD)).await;
    }
}

/// Reads an event. The sender chose its size and its texts, so a panic is caught here as in handling.
fn read(event: &Event2, now: Timestamp) -> Result<Call<'_>, Unread<'_>> {
    let panicked = |_| Err(Unread { call: Box::new(Call::blank(now)), problem: Problem::Internal });
    catch_unwind(|| Call::new(event, now)).unwrap_or_else(panicked)
}

/// Runs the handler, within the time that the function has.
async fn handle<F: Function>(function: &F, call: &mut Call<'_>) -> Result<Answer, Problem> {
    let (route, parameters) = routes::find(F::ROUTES, &call.method, function.gate().own_path(&call.path))?;
    call.parameters = parameters;
    // Boxed, because a handler's future is too deep for the compiler to lay out in one piece.
    let handling = AssertUnwindSafe(function.handle(route, call).boxed()).catch_unwind();
    let handled = timeout(F::deadline(route), handling).await;
    handled.map_or_else(|_| Err(Problem::overdue()), |handled| handled.unwrap_or(Err(Problem::Internal)))
}

/// Logs one line per request, with its time in milliseconds, after the lines about what was refused. The query is left
/// out: it carries codes and states.
fn log<F: Function>(function: &F, call: &Call<'_>, outcome: &Result<Answer, Problem>, started: Instant) {
    let status = outcome.as_ref().map_or_else(Problem::status, Answer::status).as_u16();
    let problem = outcome.as_ref().err();
    audit_denials(function.gate(), call, problem, F::READS_COOKIE);
    if problem.is_none() && status < 500 && !function.sample().has(&call.id) {
        return;
    }
    let (method, path) = (cut(call.method.as_str(), CLIENTS), cut(&call.path, CLIENTS));
    let (problem, cause) = (problem.map(Problem::slug), problem.and_then(Problem::cause));
    let duration = milliseconds(started.elapsed());
    match status {
        500.. => tracing::error!(target: "request", method, path, status, problem, cause, duration),
        _ => tracing::info!(target: "request", method, path, status, problem, cause, duration),
    }
}
