use crate::{chain, cut};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::{error::Error, fmt::Debug};
use tracing::field::{Field, Visit};

/// The longest text in a line, in characters, from any source. Texts that a client may have chosen are shorter.
const LONGEST: usize = 8 * 1024;

/// The members of a line, or those that a span adds to its lines. Of two with one name the first stays: an event cannot
/// replace a span's member, which says whose request it is.
#[derive(Default)]
pub(crate) struct Members(Vec<(&'static str, Value)>);

impl Members {
    /// Adds a member, unless one of that name exists.
    pub fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        if self.get(name).is_none() {
            self.0.push((name, value.into()));
        }
    }

    /// Adds the members of another set.
    pub fn take_up(&mut self, others: &Self) {
        others.0.iter().for_each(|(name, value)| self.set(name, value.clone()));
    }

    /// The value of a member.
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

    /// Includes the sources of the error: the caller passes the error itself.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.set(field.name(), cut(&chain(value), LONGEST));
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
