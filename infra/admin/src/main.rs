//! `admin` operates a login API from a terminal: its users, their sessions, its signing keys, and reports.
//!
//! It is configured by the functions' variables, and works on the same stores: those of this machine, or those of an
//! AWS account. A person who can run it can do everything; its rights are those of the AWS credentials that it finds.
//! It writes each change as one JSON line to the standard error, like the functions (`"target":"audit"`). It exits with
//! 0 when it did what it was asked, 1 when it did not, 2 when the arguments were wrong.

mod audit;
mod failure;
mod keys;
mod list;
mod output;
mod progress;
mod report;
mod row;
mod scan;
mod sessions;
mod stores;
mod users;

use clap::{Parser, Subcommand};
use output::Format;
use std::{io::Write, process::ExitCode};
use stores::Stores;

#[derive(Parser)]
#[command(about = "Users, sessions, signing keys and reports of the login API", disable_version_flag = true)]
struct Arguments {
    /// How lists are written.
    #[arg(long, value_enum, default_value_t = Format::Table, global = true)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Accounts.
    #[command(subcommand)]
    Users(users::Command),
    /// The sessions of a user.
    #[command(subcommand)]
    Sessions(sessions::Command),
    /// The keys that sign tokens.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Reports from the stores.
    #[command(subcommand)]
    Report(report::Command),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let now = jiff::Timestamp::now();
    let now = jiff::Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
    let Arguments { format, command } = Arguments::parse();
    audit::start();
    let stores = Stores::connect().await;
    let done = match stores {
        Err(failure) => Err(failure),
        Ok(stores) => match command {
            Command::Users(command) => users::run(&stores, command, format, now).await,
            Command::Sessions(command) => sessions::run(&stores, command, format, now).await,
            Command::Keys(command) => keys::run(&stores, command, format, now).await,
            Command::Report(command) => report::run(&stores, command, format, now).await,
        },
    };
    let Err(failure) = done else { return ExitCode::SUCCESS };
    // If no program reads this, nothing else can be done.
    drop(writeln!(std::io::stderr(), "error: {}", logs::chain(&failure)));
    ExitCode::FAILURE
}
