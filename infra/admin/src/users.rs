use crate::{
    audit::{self, Event},
    failure::Failure,
    list,
    output::{Format, List, say},
    progress::Progress,
    stores::Stores,
};
use environment::Environment;
use jiff::Timestamp;
use reason::Reason;
use serde_json::{Value, json};
use session::{Account, Change, Ending, Status, Why};
use std::io::{self, IsTerminal};
use strength::Strength;
use users::{Email, Name, NewUser, Password};

/// The operations on accounts.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Adds a user whose address counts as proven, with the password of the variable PASSWORD.
    ///
    /// Other users of the machine can see arguments. Without the variable the user sets a password by a reset mail, or
    /// signs in through a provider that has proof of the address. The password is judged as the functions judge a new
    /// one, by `APP_URL`, `BRAND_NAME` and `PASSWORD_*` with their values.
    Add {
        /// The address.
        email: String,
        /// A name to show.
        #[arg(long)]
        name: Option<String>,
    },
    /// Lists the users in the order in which they are read: a table at the end, CSV and JSON at once.
    List {
        /// Only users who may sign in, or only those who may not.
        #[arg(long, value_enum)]
        status: Option<list::State>,
        /// Only users whose accounts were made on that day or later: 2026-01-31, or a moment such as
        /// 2026-01-31T08:00:00Z.
        #[arg(long, value_parser = list::since)]
        since: Option<Timestamp>,
    },
    /// Shows a user and their ways to sign in.
    Show {
        /// The address or id.
        who: String,
    },
    /// Disables a user, and ends every session.
    Disable {
        /// The address or id.
        who: String,
    },
    /// Lets a user sign in again.
    Enable {
        /// The address or id.
        who: String,
    },
    /// Sets what a user may do, and ends every session, since sessions keep the old scopes.
    SetScopes {
        /// The address or id.
        who: String,
        /// All scopes that the user has from now on; without any, the user has none.
        scopes: Vec<String>,
    },
    /// Deletes a user: every session, every way in, every row.
    Delete {
        /// The address or id.
        who: String,
        /// Does not ask for confirmation.
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// As [`Failure`] says.
pub async fn run(stores: &Stores, command: Command, format: Format, now: Timestamp) -> Result<(), Failure> {
    match command {
        Command::Add { email, name } => add(stores, &email, name, now).await,
        Command::List { status, since } => list::users(stores, status, since, format).await,
        Command::Show { who } => show(stores, &who, format, now).await,
        Command::Disable { who } => {
            let account = end(stores, &who, Why::Disabled, Change::Disable, now).await?;
            audit::write(Event::UserDisabled, Some(&account.user_id), None, None);
            Ok(())
        }
        Command::Enable { who } => {
            let account = stores.account(&who).await?;
            if !stores.users.enable(&account.user_id).await? {
                return Err(Failure::NoUser(who));
            }
            audit::write(Event::UserEnabled, Some(&account.user_id), None, None);
            say(&format!("{} may sign in.", account.user_id));
            Ok(())
        }
        Command::SetScopes { who, scopes } => set_scopes(stores, &who, scopes, now).await,
        Command::Delete { who, yes } => delete(stores, &who, yes, now).await,
    }
}

async fn add(stores: &Stores, email: &str, name: Option<String>, now: Timestamp) -> Result<(), Failure> {
    let unusable = |what| move |reason: Reason| Failure::Unusable { what, reason: reason.to_string() };
    let email = Email::parse(email).map_err(unusable("the address"))?;
    let password = std::env::var("PASSWORD").ok().filter(|password| !password.is_empty());
    let password = password.as_deref().map(Password::parse).transpose().map_err(unusable("the password"))?;
    let name = name.as_deref().map(Name::parse).transpose().map_err(unusable("the name"))?;
    if let Some(password) = &password {
        let own = [email.as_str(), name.as_ref().map(Name::as_str).unwrap_or_default()];
        let judged = strength()?.judge(password, &own).await;
        judged.map_err(unusable("the password"))?;
    }
    let user_id = stores.users.add(NewUser { email, password, name }, now).await?;
    audit::write(Event::UserAdded, Some(&user_id), None, None);
    say(&format!("Added {user_id}."));
    Ok(())
}

/// The functions' judgement of a new password.
fn strength() -> Result<Strength, Failure> {
    let mut environment = Environment::of_process();
    let strength = Strength::from_environment(&mut environment);
    Ok(environment.finish(strength)?)
}

async fn set_scopes(stores: &Stores, who: &str, scopes: Vec<String>, now: Timestamp) -> Result<(), Failure> {
    // RFC 6749, section 3.3: they are sent as one text, with blanks between them.
    let plain = |scope: &String| {
        !scope.is_empty() && scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    };
    if !scopes.iter().all(plain) {
        return Err(Failure::Unusable { what: "a scope", reason: "is not printable ASCII without blanks".to_owned() });
    }
    let told = scopes.join(" ");
    let account = end(stores, who, Why::ScopesChanged, Change::Scopes(scopes), now).await?;
    audit::write(Event::ScopesSet, Some(&account.user_id), None, Some(&told));
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
    // Disabled in the same transaction, so that the user cannot sign in or add a way in while the rows are deleted.
    let account = end(stores, &account.user_id, Why::Deleted, Change::Disable, now).await?;
    let progress = Progress::of("rows deleted");
    stores.sessions.erase(&account.user_id, || progress.add(1)).await?;
    stores.users.erase(&account, || progress.add(1)).await?;
    drop(progress);
    audit::write(Event::UserDeleted, Some(&account.user_id), None, None);
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
