//! What a request and a start cost: in instructions, which do not depend on how busy a machine is, and in time.
//!
//! Each function runs as the release binary that is deployed, under an emulator of the Lambda runtime API, beside floors
//! that do the least one could do. Instructions are counted by callgrind (valgrind) on Linux. This is a measurement, not a
//! test, except with `--check`: then it fails if `me` as it is compiled for tests costs more, above its floor, than
//! infra/bench/instructions.csv says.
#![expect(clippy::expect_used, reason = "a measurement that cannot be set up has to stop there")]

mod instructions;
mod lambda;
mod load;
mod program;
mod record;
mod request;
mod runtime_api;
mod subject;
mod times;

use clap::Parser;
use std::{
    io::{self, Write},
    process::ExitCode,
};
use subject::World;

/// Measures what a request and a start cost.
#[derive(Parser)]
struct Arguments {
    /// Only compare the instructions of `me` with those on record.
    #[arg(long)]
    check: bool,
    /// Only measure the host under load.
    #[arg(long)]
    load: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { check, load } = Arguments::parse();
    if !load && !instructions::can_be_counted() {
        print("Instructions are not counted here: those on record are of Linux on x86-64.\n");
        if check {
            return ExitCode::SUCCESS;
        }
    }
    let world = World::start().await;
    if check {
        return record::check(&world).await;
    }
    if load {
        print(&load::table(&world).await);
        return ExitCode::SUCCESS;
    }
    if instructions::can_be_counted() {
        record::write(&world).await;
    }
    print(&times::table(&world).await);
    print(&load::table(&world).await);
    ExitCode::SUCCESS
}

fn print(text: &str) {
    io::stdout().write_all(text.as_bytes()).expect("an open output");
}
