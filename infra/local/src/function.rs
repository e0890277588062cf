//! What `cargo lambda watch` runs in the place of Cargo. For each process of a function it would run `cargo run`, which
//! takes a second to find that there is nothing to build, one function after the other.

use crate::{failure::Failure, life::Lives, programs::Programs};
use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The options of `local function`.
#[derive(clap::Args)]
pub struct Options {
    /// The directory of the root manifest.
    #[arg(long)]
    root: PathBuf,
    /// The directory of the programs.
    #[arg(long)]
    programs: PathBuf,
    /// Directory of everything that is kept between runs.
    #[arg(long)]
    data: PathBuf,
    /// Which program to run, in the words of `cargo run`.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Becomes the function's program, which is built.
///
/// # Errors
/// When it cannot be run.
pub fn run(options: &Options) -> Result<(), Failure> {
    let function = options.arguments.iter().skip_while(|word| *word != "--bin").nth(1);
    let function = function.map(String::as_str).unwrap_or_default();
    // The lock outlives this program as the standard input of the next, which reads none.
    let life = Lives::of(&options.data).begin(function)?;
    let mut command = Command::new(options.programs.join(function));
    command.current_dir(&options.root).env_remove("CARGO").stdin(Stdio::from(life));
    // The gateway sets it, and the runtime of a function that takes one request at a time warns of it.
    command.env_remove("AWS_LAMBDA_MAX_CONCURRENCY");
    let source = command.exec();
    Err(Failure::Program { program: format!("the function {function}"), source })
}

/// Writes the program that takes Cargo's place, and returns its path. Everything but `cargo run` is left to Cargo.
///
/// # Errors
/// When it cannot be written.
pub fn in_place_of_cargo(programs: &Programs) -> Result<PathBuf, Failure> {
    let file = programs.directory().join("cargo");
    let own = std::env::current_exe().map_err(Failure::file(&file))?;
    let parts = [&own, &programs.root, &programs.path(""), &programs.data, Path::new(&programs.cargo)];
    let [own, root, directory, data, cargo] = parts.map(quoted);
    let script = format!(
        r#"#!/bin/sh
case "$1" in
run) exec {own} function --root {root} --programs {directory} --data {data} -- "$@" ;;
*) exec {cargo} "$@" ;;
esac
"#
    );
    let opened = OpenOptions::new().create(true).truncate(true).write(true).mode(0o700).open(&file);
    opened.and_then(|mut opened| opened.write_all(script.as_bytes())).map_err(Failure::file(&file))?;
    Ok(file)
}

/// As one word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}
