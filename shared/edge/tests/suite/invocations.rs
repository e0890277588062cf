//! Events that are not requests.

use edge::{Failure, respond_event};
use lambda_http::{Context, LambdaEvent, lambda_runtime::Diagnostic};
use scene::Logs;
use serde_json::{Value, json};
use std::num::ParseIntError;

fn event(payload: Value) -> LambdaEvent<Value> {
    let mut context = Context::default();
    context.request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned();
    context.xray_trace_id =
        Some("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1".to_owned());
    LambdaEvent::new(payload, context)
}

/// Parses the text that it is given.
async fn parse(text: String) -> Result<u8, ParseIntError> {
    tracing::warn!("in the handler");
    assert_ne!(text, "SECRET panic");
    text.parse()
}

/// Every line names its invocation, and the last one its result.
fn told(logs: &Logs) -> Value {
    let lines = logs.lines();
    for line in &lines {
        assert_eq!(line["request_id"], "8476a536-e9f4-11e8-9739-2dfe598c3fcd", "{line}");
        assert_eq!(line["trace_id"], "5759e988bd862e3fe1be46a994272793", "{line}");
        assert_eq!(line["xray_trace_id"], "1-5759e988-bd862e3fe1be46a994272793", "{line}");
    }
    assert_eq!(logs.of("invocation").len(), 1, "{}", logs.text());
    let last = lines.last().unwrap().clone();
    assert!(last["target"] == "invocation" && last["duration"].is_f64(), "{last}");
    last
}

#[tokio::test]
async fn an_event_is_handled_and_is_one_line_of_ours() {
    let logs = Logs::capture();
    assert_eq!(respond_event(&parse, event(json!("7"))).await, Ok(7));
    let last = told(&logs);
    assert_eq!((&last["level"], &last["outcome"], last.get("cause")), (&json!("INFO"), &json!("done"), None));
    assert_eq!(logs.lines().len(), 2, "the handler's and ours");
}

#[tokio::test]
async fn an_error_fails_the_invocation_and_is_told_once_with_its_cause() {
    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] ParseIntError);
    let handler = async |text: String| parse(text).await.map_err(Outer);
    let logs = Logs::capture();
    assert_eq!(respond_event(&handler, event(json!("seven"))).await, Err(Failure::Failed));
    let last = told(&logs);
    assert_eq!((&last["level"], &last["outcome"]), (&json!("ERROR"), &json!("the function failed")));
    assert_eq!(last["cause"], "outer: invalid digit found in string");
    assert_eq!(logs.text().matches("invalid digit").count(), 1, "{}", logs.text());
}

/// The decoder's message would quote the event.
#[tokio::test]
async fn an_event_of_another_form_fails_without_being_repeated() {
    let logs = Logs::capture();
    let handler = async |number: u8| parse(number.to_string()).await;
    assert_eq!(respond_event(&handler, event(json!("SECRET"))).await, Err(Failure::Unreadable));
    assert_eq!(told(&logs)["outcome"], "the event cannot be read");
    assert!(!logs.text().contains("SECRET"), "{}", logs.text());
}

/// ASVS 16.5.4.
#[tokio::test]
async fn a_panic_fails_the_invocation_and_the_next_one_works() {
    let logs = Logs::capture();
    assert_eq!(respond_event(&parse, event(json!("SECRET panic"))).await, Err(Failure::Panicked));
    let last = told(&logs);
    assert_eq!((&last["level"], &last["outcome"]), (&json!("ERROR"), &json!("the function panicked")));
    assert_eq!(respond_event(&parse, event(json!("7"))).await, Ok(7));
}

/// The invoker learns that the function failed, but not why.
#[test]
fn a_failure_tells_its_invoker_nothing_internal() {
    let diagnostic = Diagnostic::from(Failure::Failed);
    assert_eq!((&*diagnostic.error_type, &*diagnostic.error_message), ("Failed", "the function failed"));
}

/// The runtime logs every error of a handler too.
#[test]
fn the_runtime_does_not_say_it_again() {
    let logs = Logs::capture();
    tracing::error!(target: "lambda_runtime::layers::panic", "SECRET");
    tracing::error!(target: "lambda_runtime::runtime", "heard");
    assert_eq!((logs.lines().len(), logs.text().contains("SECRET")), (1, false));
}
