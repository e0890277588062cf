//! `local dev` runs the login API on this machine, `local user` adds a user to it.

mod accounts;
mod certificate;
mod dev;
mod failure;
mod front;
mod function;
mod gateway;
mod greeting;
mod host;
mod http;
mod life;
mod lock;
mod mail;
mod node;
mod output;
mod ports;
mod programs;
mod provider;
mod revocations;
mod settings;
mod stop;
mod stores;
mod user;
mod workspace;

use clap::{Parser, Subcommand};
use std::{io::Write, process::ExitCode};

#[derive(Parser)]
#[command(about = "The login API on this machine", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the whole API: stores, functions behind a gateway, and an OpenID Connect provider.
    Dev(dev::Options),
    /// Becomes a function: what cargo-lambda runs in the place of Cargo.
    #[command(hide = true)]
    Function(function::Options),
    /// Adds a user, whether or not the API runs.
    User(user::Options),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let now = jiff::Timestamp::now();
    let result = match Arguments::parse().command {
        Command::Dev(options) => dev::run(options, now).await,
        Command::Function(options) => function::run(&options),
        Command::User(options) => user::run(options, now).await,
    };
    let Err(failure) = result else { return ExitCode::SUCCESS };
    // If no program reads this, nothing else can be done.
    drop(writeln!(std::io::stderr(), "\nerror: {}", logs::chain(&failure)));
    ExitCode::FAILURE
}
