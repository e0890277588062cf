//! DynamoDB for trying the host without an AWS account: embedded, in one file, with every table.
//!
//! It listens on this machine's own address alone, and checks no signature.

use dynamo::{Dynamo, Settings};
use environment::{Environment, Faults};
use stand::{DynamoDb, sdk_config, tables};
use std::{error::Error, io, path::PathBuf, process::ExitCode};
use tokio::signal::unix::{SignalKind, signal};

/// Why it does not run.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Settings(#[from] Faults),
    #[error(transparent)]
    Store(#[from] stand::Error),
    #[error("no signals can be received")]
    Signals(#[from] io::Error),
}

/// What it reads.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// `FILE`: where the rows are.
    file: PathBuf,
    /// `PORT`: where it listens.
    port: u16,
}

impl Place {
    fn from_environment(environment: &mut Environment) -> Option<Self> {
        let file = environment.required("FILE", environment::text);
        let port = environment.default("PORT", 8000, environment::port);
        Some(Self { file: file?.into(), port })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut environment = logs::start();
    match run(&mut environment).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tracing::error!(error = &failure as &dyn Error, "DynamoDB does not run");
            ExitCode::FAILURE
        }
    }
}

/// Serves until it is asked to end.
async fn run(environment: &mut Environment) -> Result<(), Failure> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let (place, settings) = (Place::from_environment(environment), Settings::from_environment(environment));
    let Place { file, port } = environment.finish(place)?;
    let store = DynamoDb::start_on(Some(&file), port).await?;
    tables::create(&Dynamo::with(&settings, &sdk_config(&store.endpoint()))).await?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_needs_a_file_and_listens_on_8000_unless_it_is_told() {
        let read = |pairs: &[(&str, &str)]| {
            let mut environment = Environment::of(pairs.iter().copied());
            let place = Place::from_environment(&mut environment);
            environment.finish(place)
        };
        assert_eq!(read(&[("FILE", "/data/x")]).unwrap(), Place { file: "/data/x".into(), port: 8000 });
        assert_eq!(read(&[("FILE", "x"), ("PORT", "1")]).unwrap().port, 1);
        assert_eq!(read(&[("PORT", "0")]).unwrap_err().0.len(), 2);
    }
}
