use std::env;
use tracing_subscriber::util::SubscriberInitExt;

/// An operator's actions, in addition to what the functions log (OWASP ASVS 16.3.1 to 16.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    UserAdded,
    UserDisabled,
    UserEnabled,
    ScopesSet,
    UserDeleted,
    SessionEnded,
    SessionsEnded,
    KeyMade,
    KeyWithdrawn,
}

impl Event {
    fn as_str(self) -> &'static str {
        match self {
            Self::UserAdded => "user_added",
            Self::UserDisabled => "user_disabled",
            Self::UserEnabled => "user_enabled",
            Self::ScopesSet => "scopes_set",
            Self::UserDeleted => "user_deleted",
            Self::SessionEnded => "session_ended",
            Self::SessionsEnded => "sessions_ended",
            Self::KeyMade => "key_made",
            Self::KeyWithdrawn => "key_withdrawn",
        }
    }
}

/// Writes everything that is logged to the standard error, in the form of the functions' lines.
pub fn start() {
    // If this is called again in one process, the first subscriber stays.
    drop(logs::lines_to(std::io::stderr).try_init());
}

/// Writes one event about a user, a session or a key: what was done and by whom.
pub fn write(event: Event, user_id: Option<&str>, session_id: Option<&str>, detail: Option<&str>) {
    tracing::info!(target: "audit", event = event.as_str(), operator = operator(), user_id, session_id, detail);
}

/// The person at the terminal, as the machine names them. CloudTrail has the AWS identity.
fn operator() -> Option<String> {
    let variable =
        |names: [&str; 2]| names.into_iter().find_map(|name| env::var(name).ok().filter(|text| !text.is_empty()));
    let user = variable(["USER", "LOGNAME"])?;
    let host = variable(["HOSTNAME", "HOST"]).or_else(|| std::fs::read_to_string("/etc/hostname").ok());
    Some(match host.as_deref().map(str::trim).filter(|host| !host.is_empty()) {
        Some(host) => format!("{user}@{host}"),
        None => user,
    })
}
