use crate::{chain, cut};
use serde::Serialize;
use std::{
    error::Error,
    fmt::{self, Debug, Write as _},
};
use tracing::field::{Field, Visit};

/// The longest text in a line, in characters, from any source. Texts that a client may have chosen are shorter.
const LONGEST: usize = 8 * 1024;

/// The room that most lines need, in bytes and in members.
const USUAL: (usize, usize) = (1024, 24);

/// The members of a line, or those that a span adds to its lines, as JSON. Of two with one name the first stays: an event
/// cannot replace a span's member, which says whose request it is.
#[derive(Default)]
pub(crate) struct Members {
    /// Each member with a comma before it.
    text: Vec<u8>,
    /// Their names, and where each one ends.
    ends: Vec<(&'static str, usize)>,
    /// What metrics are made of.
    event: Option<String>,
    numbers: Vec<(&'static str, Number)>,
}

/// A number in a line.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Number {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

impl Number {
    /// Whether it is whole and at least this.
    pub fn is_at_least(self, least: u32) -> bool {
        match self {
            Self::Unsigned(number) => number >= u64::from(least),
            Self::Signed(number) => number >= i64::from(least),
            Self::Float(_) => false,
        }
    }
}

impl Members {
    /// Room for a line.
    pub fn of_line() -> Self {
        let (bytes, members) = USUAL;
        Self { text: Vec::with_capacity(bytes), ends: Vec::with_capacity(members), ..Self::default() }
    }

    /// Adds a member, unless one of that name exists.
    pub fn set(&mut self, name: &'static str, value: impl Serialize) {
        if self.has(name) {
            return;
        }
        let before = self.text.len();
        self.text.extend_from_slice(b",\"");
        self.text.extend_from_slice(name.as_bytes());
        self.text.extend_from_slice(b"\":");
        match serde_json::to_writer(&mut self.text, &value) {
            Ok(()) => self.ends.push((name, self.text.len())),
            Err(_) => self.text.truncate(before),
        }
    }

    /// Adds the members of another set.
    pub fn take_up(&mut self, others: &Self) {
        let mut start = 0;
        for (name, end) in &others.ends {
            if !self.has(name) {
                self.text.extend_from_slice(&others.text[start..*end]);
                self.ends.push((*name, self.text.len()));
            }
            start = *end;
        }
    }

    /// Whether a member of this name exists.
    pub fn has(&self, name: &str) -> bool {
        self.ends.iter().any(|(known, _)| *known == name)
    }

    /// The text of the member `event`.
    pub fn event(&self) -> Option<&str> {
        self.event.as_deref()
    }

    /// A member that is a number.
    pub fn number(&self, name: &str) -> Option<Number> {
        self.numbers.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
    }

    /// The line: an object, and an end of line.
    pub fn into_line(mut self) -> Vec<u8> {
        match self.text.first_mut() {
            Some(comma) => *comma = b'{',
            None => self.text.push(b'{'),
        }
        self.text.extend_from_slice(b"}\n");
        self.text
    }

    fn set_text(&mut self, name: &'static str, text: &str) {
        self.set(name, cut(text, LONGEST));
    }

    fn set_number(&mut self, name: &'static str, number: Number) {
        if !self.has(name) {
            self.numbers.push((name, number));
        }
        self.set(name, number);
    }
}

impl Visit for Members {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        // A form that fails half-way is shown as far as it came.
        let _: fmt::Result = write!(text, "{value:?}");
        self.set_text(field.name(), &text);
    }

    /// Includes the sources of the error: the caller passes the error itself.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.set_text(field.name(), &chain(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "event" && !self.has("event") {
            self.event = Some(value.to_owned());
        }
        self.set_text(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set_number(field.name(), Number::Unsigned(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set_number(field.name(), Number::Signed(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set_number(field.name(), Number::Float(value));
    }
}
