use crate::{
    audit::{self, Event},
    failure::Failure,
    output::{Format, List, say},
    stores::Stores,
};
use jiff::Timestamp;
use serde_json::json;
use session::{Change, Ending, SessionId, Why};

/// The operations on sessions.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Lists the live sessions of a user.
    List {
        /// The user's address or id.
        who: String,
    },
    /// Ends a session of a user, or all of them.
    End {
        /// The user's address or id.
        who: String,
        /// The session's id in the list. One in 64 begins with a hyphen.
        #[arg(required_unless_present = "all", allow_hyphen_values = true)]
        session: Option<String>,
        /// Every session, on every device.
        #[arg(long, conflicts_with = "session")]
        all: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] says.
pub async fn run(stores: &Stores, command: Command, format: Format, now: Timestamp) -> Result<(), Failure> {
    match command {
        Command::List { who } => list(stores, &who, format, now).await,
        Command::End { who, session: Some(id), .. } => end(stores, &who, &id, now).await,
        Command::End { who, session: None, .. } => {
            let account = stores.account(&who).await?;
            let ending = Ending { why: Why::Admin, epoch: None, change: Change::Nothing, also: Vec::new() };
            let ended = stores.sessions.end_user(&account.user_id, ending, now).await?;
            audit::write(Event::SessionsEnded, Some(&ended.user_id), None, Some(&ended.sessions.to_string()));
            say(&format!("Ended {} sessions of {}.", ended.sessions, ended.user_id));
            Ok(())
        }
    }
}

async fn list(stores: &Stores, who: &str, format: Format, now: Timestamp) -> Result<(), Failure> {
    let account = stores.account(who).await?;
    let mut list = List::new([
        "id",
        "kind",
        "auth_method",
        "created_at",
        "last_seen_at",
        "expires_at",
        "ip",
        "device_name",
        "user_agent",
    ]);
    for session in stores.sessions.list(&account.user_id, now).await? {
        list.push([
            json!(session.id.as_str()),
            json!(session.record.kind.as_str()),
            json!(session.record.auth_method),
            json!(session.record.created_at.to_string()),
            json!(session.last_seen_at.to_string()),
            json!(session.expires_at.to_string()),
            json!(session.ip),
            json!(session.device_name),
            json!(session.user_agent),
        ]);
    }
    list.write(format)
}

async fn end(stores: &Stores, who: &str, id: &str, now: Timestamp) -> Result<(), Failure> {
    let account = stores.account(who).await?;
    let unknown = || Failure::NoSession(id.to_owned());
    let session = SessionId::parse(id).ok_or_else(unknown)?;
    stores.sessions.end_one(&account.user_id, &session, Why::Admin, now).await?.ok_or_else(unknown)?;
    audit::write(Event::SessionEnded, Some(&account.user_id), Some(id), None);
    say(&format!("Ended the session {id}."));
    Ok(())
}
