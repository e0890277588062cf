//! The whole of a function's `main`.

use crate::{Event2, Function, respond_event, routes, serve};
use dynamo::SdkConfig;
use environment::Environment;
use jiff::Timestamp;
use lambda_http::{
    LambdaEvent,
    lambda_runtime::{self, Error, service_fn},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{convert::Infallible, process::ExitCode};

/// Reads the settings and serves requests until the runtime ends the process.
///
/// With settings that it cannot use a function does not start: one line of the log names every fault, and beside them all
/// variables that the function reads and its routes.
pub async fn run<F: Function>() -> ExitCode {
    let Some(function) = &wired(F::wire, || routes::list(F::ROUTES)).await else { return ExitCode::FAILURE };
    // Until it asks for the first request, an instance has a whole processor, however little memory it is given.
    if let Some(sessions) = function.sessions() {
        sessions.connect().await;
    }
    let serving = lambda_runtime::run(service_fn(async |event: LambdaEvent<Event2>| {
        let LambdaEvent { payload, context } = event;
        Ok::<_, Infallible>(serve(function, payload.traced(context.xray_trace_id), Timestamp::now()).await)
    }));
    ended(serving.await)
}

/// The same for events that are no requests, such as a schedule's or a stream's.
///
/// An error makes the invocation fail, so that the service that invoked the function tries again or gives up by its own
/// rules.
pub async fn run_events<F, T, R, E>(
    wire: impl FnOnce(&mut Environment, &SdkConfig) -> Option<F>,
    handle: impl AsyncFn(&F, T) -> Result<R, E>,
) -> ExitCode
where
    T: DeserializeOwned,
    R: Serialize,
    E: std::error::Error,
{
    let Some(function) = &wired(wire, String::new).await else { return ExitCode::FAILURE };
    let handler = &async |event: T| handle(function, event).await;
    let serving =
        lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| respond_event(handler, event).await));
    ended(serving.await)
}

async fn wired<F>(
    wire: impl FnOnce(&mut Environment, &SdkConfig) -> Option<F>,
    routes: impl FnOnce() -> String,
) -> Option<F> {
    let mut environment = logs::start();
    let aws = dynamo::sdk_config(&mut environment).await;
    let function = wire(&mut environment, &aws);
    judged("the function", &mut environment, function, routes)
}

/// What `program` has wired, if no setting has a fault. Otherwise one line of the log names every fault, and beside them all
/// variables that the program reads and its routes.
pub fn judged<F>(
    program: &str,
    environment: &mut Environment,
    wired: Option<F>,
    routes: impl FnOnce() -> String,
) -> Option<F> {
    let wired = environment.finish(wired);
    let refused = |faults| {
        let reads = environment.reads().collect::<Vec<_>>().join(",");
        tracing::error!(%faults, reads, routes = routes(), "{program} refuses to start");
    };
    wired.map_err(refused).ok()
}

fn ended(served: Result<(), Error>) -> ExitCode {
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = &*error as &dyn std::error::Error, "the Lambda runtime stopped");
            ExitCode::FAILURE
        }
    }
}
