use crate::{
    failure::Failure,
    output::{Format, List},
    row::{date, day, number, word},
    scan::scan,
    stores::Stores,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::{cell::RefCell, collections::BTreeMap};

const SESSIONS: &str = "sessions";
const THROTTLE: &str = "throttle";
/// The purposes whose tries the throttle counts even if they succeed: each is a mail, or a new password to judge.
const ASKED_FOR: [&str; 3] = ["choice", "register", "reset"];

/// The reports, read from the tables as they are. Days are those of UTC.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Sign-ins per day and way; the rows of sessions are kept for 90 days after they end.
    SignIns {
        /// How many days back, today included.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: i64,
    },
    /// Sessions that are alive, by kind and way.
    Sessions,
    /// Failures per day: refused passwords and tokens, by purpose, and sessions that ended because a refresh token was
    /// used twice. Counters last for the throttle's window and name no person. Single failures are in the log,
    /// including those of owners at addresses where they have signed in before, which are not counted by address. The
    /// throttle also counts requested mails and judged passwords, which are not failures.
    Failures {
        /// How many days back, today included.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: i64,
    },
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] says.
pub async fn run(stores: &Stores, command: Command, format: Format, now: Timestamp) -> Result<(), Failure> {
    match command {
        Command::SignIns { days } => sign_ins(stores, first_day(now, days), format).await,
        Command::Sessions => sessions(stores, format, now).await,
        Command::Failures { days } => failures(stores, first_day(now, days), format).await,
    }
}

async fn sign_ins(stores: &Stores, first: String, format: Format) -> Result<(), Failure> {
    let counts = RefCell::new(BTreeMap::<_, u64>::new());
    scan(&stores.dynamo, SESSIONS, &["created_at", "kind", "auth_method"], |row| {
        // The stub that an ending of all sessions writes for a missing row is not a session.
        if let Some(day) = day(&row, "created_at").filter(|day| *day >= first) {
            *counts.borrow_mut().entry((day, word(&row, "kind"), word(&row, "auth_method"))).or_default() += 1;
        }
        Ok(())
    })
    .await?;
    let mut list = List::new(["day", "kind", "auth_method", "sign_ins"]);
    for ((day, kind, method), count) in counts.into_inner() {
        list.push([json!(day), json!(kind), json!(method), json!(count)]);
    }
    list.write(format)
}

async fn sessions(stores: &Stores, format: Format, now: Timestamp) -> Result<(), Failure> {
    let counts = RefCell::new(BTreeMap::<_, u64>::new());
    let attributes = ["kind", "auth_method", "revoked_at", "idle_expires_at", "absolute_expires_at"];
    scan(&stores.dynamo, SESSIONS, &attributes, |row| {
        let lives = |name| number(&row, name).is_some_and(|at| at > now.as_millisecond());
        if !row.contains_key("revoked_at") && lives("idle_expires_at") && lives("absolute_expires_at") {
            *counts.borrow_mut().entry((word(&row, "kind"), word(&row, "auth_method"))).or_default() += 1;
        }
        Ok(())
    })
    .await?;
    let mut list = List::new(["kind", "auth_method", "sessions"]);
    for ((kind, method), count) in counts.into_inner() {
        list.push([json!(kind), json!(method), json!(count)]);
    }
    list.write(format)
}

async fn failures(stores: &Stores, first: String, format: Format) -> Result<(), Failure> {
    let counts = RefCell::new(BTreeMap::<_, i64>::new());
    scan(&stores.dynamo, THROTTLE, &["key", "last_at", "tries"], |row| {
        let (key, tries) = (word(&row, "key"), number(&row, "tries").unwrap_or_default());
        // A try has several counters, one of which is for its address.
        let purpose = key.split_once("#address#").map(|(purpose, _)| purpose.to_owned());
        let purpose = purpose.filter(|purpose| !ASKED_FOR.contains(&&**purpose));
        if let (Some(purpose), Some(day)) = (purpose, day(&row, "last_at").filter(|day| *day >= first && tries > 0)) {
            *counts.borrow_mut().entry((day, purpose)).or_default() += tries;
        }
        Ok(())
    })
    .await?;
    scan(&stores.dynamo, SESSIONS, &["revoked_at", "revoked_why"], |row| {
        let reused = word(&row, "revoked_why") == session::Why::Reused.as_str();
        if let Some(day) = day(&row, "revoked_at").filter(|day| *day >= first && reused) {
            *counts.borrow_mut().entry((day, "refresh_token_reused".to_owned())).or_default() += 1;
        }
        Ok(())
    })
    .await?;
    let mut list = List::new(["day", "what", "failures"]);
    for ((day, what), count) in counts.into_inner() {
        list.push([json!(day), json!(what), json!(count)]);
    }
    list.write(format)
}

/// The first of this many days.
fn first_day(now: Timestamp, days: i64) -> String {
    let back = SignedDuration::from_hours(24 * (days - 1));
    date(now.checked_sub(back).unwrap_or(Timestamp::UNIX_EPOCH))
}
