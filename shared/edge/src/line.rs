use crate::{log::cut, metric::Metrics};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::{fmt::Debug, io::Write};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Layer,
    fmt::MakeWriter,
    layer::Context,
    registry::{LookupSpan, Scope},
};

/// The longest text of a line, in characters, wherever it came from. Texts that a client may have chosen are shorter.
const LONGEST: usize = 8 * 1024;

/// Writes each event as one line of JSON: an object whose members are the event's own and those of the spans around it,
/// side by side.
pub(crate) struct Lines<W> {
    writer: W,
    /// The name of the function, as Lambda has it.
    function: Option<String>,
    metrics: Option<Metrics>,
}

/// The members of a line, or those that a span gives to its lines. Of two with one name the first stays: a span's, which
/// says whose request it is, cannot be replaced by what an event says.
#[derive(Default)]
pub(crate) struct Members(Vec<(&'static str, Value)>);

impl<W> Lines<W> {
    /// Lines to `writer`, of this function, counted by `metrics`.
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
        let mut line = Members::default();
        line.set("timestamp", format!("{now:.6}"));
        line.set("level", metadata.level().as_str());
        line.set("target", metadata.target());
        if let Some(function) = &self.function {
            line.set("function", function.as_str());
        }
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            let extensions = span.extensions();
            let members = extensions.get::<Members>().into_iter().flat_map(|members| &members.0);
            members.for_each(|(name, value)| line.set(name, value.clone()));
        }
        event.record(&mut line);
        if let Some(metrics) = &self.metrics {
            metrics.count(&mut line, now);
        }
        if let Ok(mut text) = serde_json::to_vec(&line) {
            text.push(b'\n');
            // In one piece. There is nowhere to say that it failed.
            drop(self.writer.make_writer_for(metadata).write_all(&text));
        }
    }
}

impl Members {
    /// One more member, unless there is one of that name.
    pub fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        if self.get(name).is_none() {
            self.0.push((name, value.into()));
        }
    }

    /// What a member says.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Visit for Members {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field.name(), cut(&format!("{value:?}"), LONGEST));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), cut(value, LONGEST));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), value);
    }
}
