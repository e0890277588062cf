use crate::{
    failure::Failure,
    output::{Format, Stream},
    row::{moment, truth, word, words},
    scan::scan,
    stores::Stores,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::json;
use session::Account;
use std::{cell::RefCell, io::stdout};

const HEADER: [&str; 7] = ["id", "email", "email_verified", "name", "status", "scopes", "created_at"];

/// Which users are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum State {
    /// Users who may sign in.
    Active,
    /// Users who may not sign in.
    Disabled,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// Writes a row for each user while the table is read.
///
/// # Errors
/// As [`Failure`] says; the rows written before it are not the whole list.
pub async fn users(
    stores: &Stores,
    state: Option<State>,
    since: Option<Timestamp>,
    format: Format,
) -> Result<(), Failure> {
    let out = RefCell::new(Stream::new(format, HEADER, stdout()));
    let attributes = ["user_id", "email", "email_verified", "name", "status", "scopes", "created_at"];
    scan(&stores.dynamo, Account::TABLE, &attributes, |row| {
        let (status, created_at) = (word(&row, "status"), moment(&row, "created_at"));
        let asked_for = state.is_none_or(|state| state.as_str() == status)
            && since.is_none_or(|since| created_at.is_some_and(|created_at| created_at >= since));
        if !asked_for {
            return Ok(());
        }
        out.borrow_mut().push([
            json!(word(&row, "user_id")),
            json!(row.contains_key("email").then(|| word(&row, "email"))),
            json!(truth(&row, "email_verified")),
            json!(row.contains_key("name").then(|| word(&row, "name"))),
            json!(status),
            json!(words(&row, "scopes")),
            json!(created_at.map(|at| at.to_string())),
        ])
    })
    .await?;
    out.into_inner().finish()
}

/// A moment, or a day, which begins at midnight UTC.
///
/// # Errors
/// When the text is neither.
pub fn since(text: &str) -> Result<Timestamp, &'static str> {
    let midnight = |day: Date| day.to_zoned(TimeZone::UTC).map(|midnight| midnight.timestamp());
    let day = || text.parse().and_then(midnight);
    text.parse()
        .or_else(|_| day())
        .map_err(|_| "is neither a day such as 2026-01-31 nor a moment such as 2026-01-31T08:00:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc() {
        let moment = "2026-01-31T00:00:00Z".parse().unwrap();
        assert_eq!((since("2026-01-31"), since("2026-01-31T01:00:00+01:00")), (Ok(moment), Ok(moment)));
        for text in ["", "yesterday", "2026-02-30", "31.1.2026"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
