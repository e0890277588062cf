use crate::{problem::Cause, trace::Trace};
use futures_util::FutureExt;
use lambda_http::lambda_runtime::{Diagnostic, LambdaEvent};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{error::Error, panic::AssertUnwindSafe, time::Instant};
use tracing::Instrument;

/// Why an invocation failed, for the service that invoked the function: the log says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The event does not have the form that the function reads.
    #[error("the event cannot be read")]
    Unreadable,
    /// The function could not do its work.
    #[error("the function failed")]
    Failed,
    /// A defect of ours.
    #[error("the function panicked")]
    Panicked,
}

impl From<Failure> for Diagnostic {
    fn from(failed: Failure) -> Self {
        Self { error_type: "Failed".to_owned(), error_message: failed.to_string() }
    }
}

/// Handles one event in every case, and logs one line about it with its time in milliseconds.
///
/// # Errors
/// [`Failure`], which reveals nothing of the event or of the error.
pub async fn respond_event<T, R, E>(
    handler: &impl AsyncFn(T) -> Result<R, E>,
    event: LambdaEvent<Value>,
) -> Result<R, Failure>
where
    T: DeserializeOwned,
    E: Error,
{
    let started = Instant::now();
    let LambdaEvent { payload, context } = event;
    let span = Trace::of_invocation(context.xray_trace_id.as_deref()).span(&context.request_id);
    let handling = async {
        // The decoder's message may quote the event.
        let event = serde_json::from_value(payload).map_err(|_| (Failure::Unreadable, None))?;
        handler(event).await.map_err(|error| (Failure::Failed, Some(Cause::of(&error))))
    };
    let handled = AssertUnwindSafe(handling.instrument(span.clone())).catch_unwind().await;
    let outcome = handled.unwrap_or(Err((Failure::Panicked, None)));
    let duration = logs::milliseconds(started.elapsed());
    span.in_scope(|| match &outcome {
        Ok(_) => tracing::info!(target: "invocation", outcome = "done", duration),
        Err((failed, cause)) => {
            let cause = cause.as_ref().map(tracing::field::debug);
            tracing::error!(target: "invocation", outcome = %failed, cause, duration);
        }
    });
    outcome.map_err(|(failed, _)| failed)
}
