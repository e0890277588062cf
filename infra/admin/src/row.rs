//! Reads single values of a row, so that a malformed one does not spoil a whole list.

use dynamo::Row;
use jiff::Timestamp;

/// The day of a moment in a row.
pub fn day(row: &Row, name: &str) -> Option<String> {
    moment(row, name).map(date)
}

/// A moment in a row.
pub fn moment(row: &Row, name: &str) -> Option<Timestamp> {
    number(row, name).and_then(|at| Timestamp::from_millisecond(at).ok())
}

/// The day of a moment, in UTC.
pub fn date(at: Timestamp) -> String {
    at.to_string().split('T').next().unwrap_or_default().to_owned()
}

/// A number; nothing if the value is not one.
pub fn number(row: &Row, name: &str) -> Option<i64> {
    row.get(name)?.as_n().ok()?.parse().ok()
}

/// A text; empty if the value is not one.
pub fn word(row: &Row, name: &str) -> String {
    row.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}

/// The texts in a list; none if the value is not a list.
pub fn words(row: &Row, name: &str) -> Vec<String> {
    let list = row.get(name).and_then(|value| value.as_l().ok());
    list.into_iter().flatten().filter_map(|value| value.as_s().ok().cloned()).collect()
}

/// A boolean; false if the value is not one.
pub fn truth(row: &Row, name: &str) -> bool {
    row.get(name).and_then(|value| value.as_bool().ok()).is_some_and(|truth| *truth)
}
