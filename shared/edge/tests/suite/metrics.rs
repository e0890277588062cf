//! What a function's lines count for CloudWatch.

use crate::memory::Memory;
use environment::Environment;
use logs::Logging;
use serde_json::{Value, json};

const UNITS: [&str; 2] = ["Count", "Milliseconds"];

fn logging() -> Logging {
    let mut environment = Environment::of([("METRICS_NAMESPACE", "Login/test")]);
    let logging = Logging::from_environment(&mut environment);
    environment.finish(Some(logging)).unwrap().of_function("auth-me")
}

/// The lines that `act` writes, with what each counts: the names and values of its metrics.
fn counted(logging: Logging, act: impl FnOnce()) -> Vec<(Value, Vec<(String, Value)>)> {
    let lines = Memory::of(logging, act).into_iter().map(|line| serde_json::from_str(&line).unwrap());
    lines.map(|line: Value| (line.clone(), if line.get("_aws").is_some() { metrics(&line) } else { vec![] })).collect()
}

/// Checks a line against the specification of the embedded metric format, and returns what it counts.
fn metrics(line: &Value) -> Vec<(String, Value)> {
    let root = line.as_object().unwrap();
    let exactly = |value: &Value, names: &[&str]| {
        assert_eq!(value.as_object().unwrap().keys().collect::<Vec<_>>(), names, "{line}");
    };
    exactly(&root["_aws"], &["CloudWatchMetrics", "Timestamp"]);
    let time = jiff::Timestamp::from_millisecond(root["_aws"]["Timestamp"].as_i64().unwrap()).unwrap();
    let written: jiff::Timestamp = root["timestamp"].as_str().unwrap().parse().unwrap();
    assert_eq!(time.as_millisecond(), written.as_millisecond(), "{line}");
    let [directive] = &root["_aws"]["CloudWatchMetrics"].as_array().unwrap()[..] else { panic!("{line}") };
    exactly(directive, &["Dimensions", "Metrics", "Namespace"]);
    assert!((1..=255).contains(&directive["Namespace"].as_str().unwrap().len()), "{line}");
    let sets = directive["Dimensions"].as_array().unwrap();
    assert!(!sets.is_empty(), "{line}");
    for dimension in sets.iter().flat_map(|set| set.as_array().unwrap()) {
        let value = root[dimension.as_str().unwrap()].as_str().unwrap();
        assert!((1..=1024).contains(&value.trim().len()) && value.is_ascii(), "{line}");
    }
    let definitions = directive["Metrics"].as_array().unwrap();
    assert!((1..=100).contains(&definitions.len()), "{line}");
    let target = |definition: &Value| {
        exactly(definition, &["Name", "Unit"]);
        assert!(UNITS.contains(&definition["Unit"].as_str().unwrap()), "{line}");
        let name = definition["Name"].as_str().unwrap();
        assert!(root[name].is_number(), "{name}: {line}");
        (name.to_owned(), root[name].clone())
    };
    definitions.iter().map(target).collect()
}

#[test]
fn each_event_that_counts_adds_one_to_its_metric() {
    for (target, event, metric) in [
        ("audit", "login", "login"),
        ("audit", "login_failed", "login_failed"),
        ("audit", "registered", "registered"),
        ("audit", "throttled", "throttled"),
        ("audit", "token_minted", "minted"),
        ("audit", "token_refreshed", "minted"),
        ("audit", "refresh_reused", "refresh_reused"),
        ("audit", "mail_sent", "mail_sent"),
        ("audit", "mail_lost", "mail_lost"),
        ("session", "restored", "restored"),
        ("session", "fallback", "fallback"),
    ] {
        let found = counted(logging(), || match target {
            "audit" => tracing::info!(target: "audit", event),
            _ => tracing::info!(target: "session", event),
        });
        assert_eq!(found[0].1, [(metric.to_owned(), json!(1))], "{event}");
    }
}

#[test]
fn an_ending_counts_every_session_that_it_ended() {
    let found = counted(logging(), || {
        tracing::info!(target: "session", event = "revoked", sessions = 3_u64);
        tracing::info!(target: "session", event = "revoked");
    });
    assert_eq!(found[0].1, [("revoked".to_owned(), json!(3))]);
    assert_eq!(found[1].1, [], "nobody knows how many");
}

#[test]
fn a_request_counts_its_duration_and_a_failure_of_ours() {
    for (status, failed) in [(200_u16, false), (404, false), (429, false), (499, false), (500, true), (503, true)] {
        let found = counted(logging(), || tracing::info!(target: "request", status, duration = 1.25));
        let mut expected = vec![("duration".to_owned(), json!(1.25))];
        expected.extend(failed.then(|| ("server_error".to_owned(), json!(1))));
        assert_eq!(found[0].1, expected, "{status}");
        let directive = &found[0].0["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Metrics"][0], json!({ "Name": "duration", "Unit": "Milliseconds" }));
        assert_eq!(directive["Namespace"], "Login/test");
    }
}

/// The same name under another target means something else; events that are not in the table are not counted.
#[test]
fn nothing_else_counts() {
    let found = counted(logging(), || {
        tracing::info!(target: "audit", event = "logout");
        tracing::info!(target: "audit", event = "token_minted ");
        tracing::info!(target: "session", event = "login");
        tracing::info!(target: "users", event = "login");
        tracing::info!(target: "audit", event = "revoked", sessions = 3_u64);
        tracing::info!(target: "invocation", outcome = "done", duration = 1.5);
        tracing::warn!(target: "session", "event: fallback");
        tracing::info!(target: "request", status = 500);
    });
    let names: Vec<_> = found.iter().flat_map(|(_, metrics)| metrics).map(|(name, _)| name.as_str()).collect();
    assert_eq!((found.len(), names), (8, vec!["server_error"]));
}

#[test]
fn the_sum_over_all_functions_is_a_metric_and_so_is_each_function() {
    let login = || tracing::info!(target: "audit", event = "login");
    let dimensions = |logging| counted(logging, login)[0].0["_aws"]["CloudWatchMetrics"][0]["Dimensions"].clone();
    assert_eq!(dimensions(logging()), json!([[], ["function"]]));
    let mut environment = Environment::of([("METRICS_NAMESPACE", "Login")]);
    assert_eq!(
        dimensions(Logging::from_environment(&mut environment)),
        json!([[]]),
        "without a name there is only the sum"
    );
}

#[test]
fn without_a_namespace_nothing_is_counted() {
    let found = counted(Logging::default(), || tracing::info!(target: "audit", event = "login"));
    assert_eq!((found[0].0.get("_aws"), found[0].0.get("login")), (None, None));
}

#[test]
fn a_malformed_namespace_is_a_fault_like_any_other() {
    for (namespace, good) in [("Login", true), (":", false), ("AWS/Login", false), ("a\nb", false)] {
        let found = crate::support::faults(&[("METRICS_NAMESPACE", namespace)], |environment| {
            Some(Logging::from_environment(environment))
        });
        assert_eq!(found, if good { vec![] } else { vec!["METRICS_NAMESPACE"] }, "{namespace}");
    }
}
