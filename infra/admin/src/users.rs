use crate::{
    failure::Failure,
    output::{Format, List, say},
    progress::Progress,
    stores::Stores,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use session::{Account, Change, Ending, Status, Why};
use std::io::{self, IsTerminal};
use users::{Email, NewUser, Password};

/// What can be done with accounts.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Adds a user whose address is taken as proven, with the password of the variable PASSWORD.
    ///
    /// Arguments are seen by others on the machine. Without the variable the user sets a password by a reset mail, or
    /// comes in by a provider that has proof of the address.
    Add {
        /// The address.
        email: String,
        /// A name to show.
        #[arg(long)]
        name: Option<String>,
    },
    /// Shows a user and their ways in.
    Show {
        /// The address or id.
        who: String,
    },
    /// Lets a user sign in no more, and ends every session.
    Disable {
        /// The address or id.
        who: String,
    },
    /// Lets a user sign in again.
    Enable {
        /// The address or id.
        who: String,
    },
    /// Sets what a user may do, and ends every session: those know the old scopes.
    SetScopes {
        /// The address or id.
        who: String,
        /// Every scope that the user has from now on; none takes all away.
        scopes: Vec<String>,
    },
    /// Deletes a user: every session, every way in, every row.
    Delete {
        /// The address or id.
        who: String,
        /// Asks no question.
        #[arg(long)]
        yes: bool,
    },
}

/// Does it.
///
/// # Errors
/// As [`Failure`] says.
pub async fn run(stores: &Stores, command: Command, format: Format, now: Timestamp) -> Result<(), Failure> {
    match command {
        Command::Add { email, name } => add(stores, &email, name, now).await,
        Command::Show { who } => show(stores, &who, format, now).await,
        Command::Disable { who } => end(stores, &who, Why::Disabled, Change::Disable, now).await.map(drop),
        Command::Enable { who } => {
            let account = stores.account(&who).await?;
            if !stores.users.enable(&account.user_id).await? {
                return Err(Failure::NoUser(who));
            }
            say(&format!("{} may sign in.", account.user_id));
            Ok(())
        }
        Command::SetScopes { who, scopes } => {
            // RFC 6749, section 3.3: they are told as one text, with blanks between them.
            let plain = |scope: &String| {
                !scope.is_empty() && scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
            };
            if !scopes.iter().all(plain) {
                return Err(Failure::Unusable { what: "a scope", reason: "is not printable ASCII without blanks" });
            }
            end(stores, &who, Why::ScopesChanged, Change::Scopes(scopes), now).await.map(drop)
        }
        Command::Delete { who, yes } => delete(stores, &who, yes, now).await,
    }
}

async fn add(stores: &Stores, email: &str, name: Option<String>, now: Timestamp) -> Result<(), Failure> {
    let unusable = |what| move |reason| Failure::Unusable { what, reason };
    let email = Email::parse(email).map_err(unusable("the address"))?;
    let password = std::env::var("PASSWORD").ok().filter(|password| !password.is_empty());
    let password = password.as_deref().map(Password::parse).transpose().map_err(unusable("the password"))?;
    let user_id = stores.users.add(NewUser { email, password, name }, now).await?;
    say(&format!("Added {user_id}."));
    Ok(())
}

async fn show(stores: &Stores, who: &str, format: Format, now: Timestamp) -> Result<(), Failure> {
    let account = stores.account(who).await?;
    let sessions = stores.sessions.list(&account.user_id, now).await?.len();
    let mut list = List::new(["member", "value"]);
    let Account { user_id, email, email_verified, name, scopes, status, security_epoch, created_at, .. } = account;
    let status = if status == Status::Active { "active" } else { "disabled" };
    let mut push = |member: &str, value: Value| list.push([json!(member), value]);
    push("id", json!(user_id));
    push("email", json!(email));
    push("email_verified", json!(email_verified));
    push("name", json!(name));
    push("status", json!(status));
    push("scopes", json!(scopes));
    push("created_at", json!(created_at.to_string()));
    push("security_epoch", json!(security_epoch));
    push("sessions", json!(sessions));
    for way in stores.users.ways(&user_id).await? {
        let used = way.last_used_at.map(|at| format!("used {at}"));
        let words = [Some(way.kind.as_str().to_owned()), way.provider, way.email, used, Some(way.id)];
        push("identity", json!(words.into_iter().flatten().collect::<Vec<_>>()));
    }
    list.write(format)
}

/// Ends every session of a user together with the change that calls for it.
async fn end(stores: &Stores, who: &str, why: Why, change: Change, now: Timestamp) -> Result<Account, Failure> {
    let account = stores.account(who).await?;
    let ending = Ending { why, epoch: None, change, also: Vec::new() };
    let ended = stores.sessions.end_user(&account.user_id, ending, now).await?;
    say(&format!("Ended {} sessions of {}.", ended.sessions, ended.user_id));
    Ok(account)
}

async fn delete(stores: &Stores, who: &str, yes: bool, now: Timestamp) -> Result<(), Failure> {
    let account = stores.account(who).await?;
    if !yes {
        confirm(&account)?;
    }
    // Disabled in the same transaction, so that nobody signs in, or adds a way in, while the rows go.
    let account = end(stores, &account.user_id, Why::Deleted, Change::Disable, now).await?;
    let progress = Progress::of("rows deleted");
    stores.users.erase(&account, || progress.add(1)).await?;
    drop(progress);
    say(&format!("Deleted {}.", account.user_id));
    Ok(())
}

fn confirm(account: &Account) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::NotConfirmed("nobody is there to ask; --yes asks nobody"));
    }
    let email = account.email.as_deref().unwrap_or("without an address");
    say(&format!("Deletes {} ({email}) for good. Type yes to go on:", account.user_id));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() == "yes" { Ok(()) } else { Err(Failure::NotConfirmed("that was no yes")) }
}
