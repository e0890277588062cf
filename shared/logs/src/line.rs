use crate::{members::Members, metric::Metrics};
use jiff::Timestamp;
use std::io::Write;
use tracing::{
    Event, Subscriber,
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Layer,
    fmt::MakeWriter,
    layer::Context,
    registry::{LookupSpan, Scope},
};

/// Writes each event as one line of JSON: an object with the members of the event and of the spans around it, side by
/// side.
pub(crate) struct Lines<W> {
    writer: W,
    /// The function's name in Lambda.
    function: Option<String>,
    metrics: Option<Metrics>,
}

impl<W> Lines<W> {
    /// Lines to `writer`, for this function, counted by `metrics`.
    pub fn new(writer: W, function: Option<String>, metrics: Option<Metrics>) -> Self {
        Self { writer, function, metrics }
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut members = Members::default();
        attributes.record(&mut members);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(members);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let (now, metadata) = (Timestamp::now(), event.metadata());
        let mut line = Members::of_line();
        line.set("timestamp", format_args!("{now:.6}"));
        line.set("level", metadata.level().as_str());
        line.set("target", metadata.target());
        if let Some(function) = &self.function {
            line.set("function", function);
        }
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            let extensions = span.extensions();
            if let Some(members) = extensions.get::<Members>() {
                line.take_up(members);
            }
        }
        event.record(&mut line);
        if let Some(metrics) = &self.metrics {
            metrics.count(&mut line, metadata.target(), now);
        }
        // In one write. A failure cannot be reported anywhere.
        drop(self.writer.make_writer_for(metadata).write_all(&line.into_line()));
    }
}
