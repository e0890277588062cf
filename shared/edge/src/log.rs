use environment::Environment;
use std::panic::PanicHookInfo;
use tracing::{Level, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Who may log at `info`. Libraries are heard from `warn` on, and cannot be made more talkative by a setting: their
/// debug lines hold requests.
const OURS: [&str; 7] = ["audit", "request", "edge", "session", "users", "oidc", "tokens"];

/// The first line of every `main`: logs as JSON, a line each, on standard output; then the environment.
pub fn start() -> Environment {
    // A second call in one process keeps the first subscriber.
    drop(lines_to(std::io::stdout).try_init());
    std::panic::set_hook(Box::new(log_panic));
    Environment::of_process()
}

/// What a function logs: JSON, a line an event, to `writer`.
pub fn lines_to<W>(writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let ours = Targets::new().with_default(LevelFilter::WARN).with_targets(OURS.map(|target| (target, Level::INFO)));
    let lines = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
    tracing_subscriber::registry().with(lines.with_writer(writer)).with(ours)
}

/// Says where, not what: a panic's message may quote the value that caused it.
fn log_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "panic");
}
