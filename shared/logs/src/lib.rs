//! The lines that a function logs: JSON, one object per line, on standard output, in a form that CloudWatch can count.

mod line;
mod members;
mod metric;

use environment::Environment;
use line::Lines;
use metric::Metrics;
use std::{error::Error, iter::successors, panic::PanicHookInfo, time::Duration};
use tracing::{Level, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{filter::Targets, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};

/// The targets that may log at `info`. Libraries log from `warn` on, and no setting lowers that: their debug lines hold
/// requests.
const OURS: [&str; 9] = ["audit", "request", "invocation", "edge", "host", "session", "users", "oidc", "tokens"];

/// The target under which the runtime repeats a handler's error, which the invocation's line has already logged.
const REPEATS: &str = "lambda_runtime::layers::panic";

/// How a function's lines are written, from the environment.
#[derive(Clone, Debug, Default)]
pub struct Logging {
    /// The function's name in Lambda.
    function: Option<String>,
    /// `METRICS_NAMESPACE`: where CloudWatch puts the counts of the lines; `None`: the lines count nothing.
    metrics: Option<Metrics>,
}

impl Logging {
    /// Reads `METRICS_NAMESPACE`, and the function's name, which Lambda sets and no operator.
    pub fn from_environment(environment: &mut Environment) -> Self {
        Self {
            function: std::env::var("AWS_LAMBDA_FUNCTION_NAME").ok().filter(|name| !name.is_empty()),
            metrics: environment.optional("METRICS_NAMESPACE", Metrics::parse),
        }
    }

    /// Logs as a function of this name.
    pub fn of_function(self, name: &str) -> Self {
        Self { function: Some(name.to_owned()), ..self }
    }

    /// Lines of JSON to `writer`, one per event.
    pub fn lines_to<W>(self, writer: W) -> impl Subscriber + Send + Sync
    where
        W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
    {
        let ours =
            Targets::new().with_default(LevelFilter::WARN).with_targets(OURS.map(|target| (target, Level::INFO)));
        let lines = Lines::new(writer, self.function, self.metrics);
        tracing_subscriber::registry().with(lines).with(ours.with_target(REPEATS, LevelFilter::OFF))
    }
}

/// The first call of every `main`: returns the environment, and starts JSON logs on standard output, one object per
/// line.
pub fn start() -> Environment {
    let mut environment = Environment::of_process();
    let logging = Logging::from_environment(&mut environment);
    // If this is called again in one process, the first subscriber stays.
    drop(logging.lines_to(std::io::stdout).try_init());
    std::panic::set_hook(Box::new(log_panic));
    environment
}

/// What a function logs without any settings: JSON to `writer`, one line per event.
pub fn lines_to<W>(writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    Logging::default().lines_to(writer)
}

/// A duration as lines write it: milliseconds, to the microsecond.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}

/// An error with everything below it, in one line. Each link adds what it knows, and none repeats what is below it.
pub fn chain(error: &dyn Error) -> String {
    let links = successors(Some(error), |link| (*link).source());
    links.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The longest text in a line that a client may have chosen, in characters.
pub const CLIENTS: usize = 512;

/// The beginning of a text, in characters.
pub fn cut(text: &str, longest: usize) -> &str {
    // A character has at least one byte.
    if text.len() <= longest {
        return text;
    }
    text.char_indices().nth(longest).map_or(text, |(end, _)| &text[..end])
}

/// Logs where, not what: a panic's message may quote the value that caused it.
fn log_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "panic");
}
