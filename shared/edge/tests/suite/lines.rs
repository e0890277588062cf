//! The form of log lines, and what every line of a request says.

use crate::{
    memory::Memory,
    support::{Probe, guarded},
};
use edge::{Answer, Audit, Event, Event2, Problem};
use logs::Logging;
use scene::{HOSTILE, Logs, Request, now};
use serde::{Deserializer, de::MapAccess, de::Visitor};
use serde_json::{Value, json};
use std::{fmt, io};

/// The members of an object in written order, duplicates included.
struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Vec<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<String>, A::Error> {
        let mut names = Vec::new();
        while let Some((name, _)) = map.next_entry::<String, Value>()? {
            names.push(name);
        }
        Ok(names)
    }
}

fn names(line: &str) -> Vec<String> {
    serde_json::Deserializer::from_str(line).deserialize_map(Names).unwrap()
}

#[test]
fn an_event_is_one_write_of_one_line_without_nesting() {
    let writes = Memory::of(Logging::default().of_function("auth-me"), || {
        let _outer = tracing::info_span!(target: "edge", "outer", request_id = "r", missing = None::<&str>).entered();
        let _inner = tracing::info_span!(target: "edge", "inner", step = 2_u64).entered();
        let error = io::Error::other("broken\nin two");
        let cause: &dyn std::error::Error = &error;
        let left = -1_i64;
        tracing::warn!(target: "edge", %error, cause, left, ready = false, share = 0.5, list = ?["a"], none = f64::NAN, "text");
    });
    let [line] = &writes[..] else { panic!("one write: {writes:?}") };
    assert_eq!(line.find('\n'), Some(line.len() - 1), "{line}");
    let mut value: Value = serde_json::from_str(line).unwrap();
    let time = value["timestamp"].take();
    let time = time.as_str().unwrap();
    assert!(time.len() == "2031-05-06T07:08:09.123456Z".len() && time.ends_with('Z'), "{time}");
    let expected = json!({
        "timestamp": null, "level": "WARN", "target": "edge", "function": "auth-me", "request_id": "r", "step": 2,
        "error": "broken\nin two", "cause": "broken\nin two", "left": -1, "ready": false, "share": 0.5,
        "list": "[\"a\"]", "none": null, "message": "text",
    });
    assert_eq!(value, expected);
    assert_eq!(names(line)[..3], ["timestamp", "level", "target"]);
}

/// Readers differ in which of two duplicates they believe.
#[test]
fn no_member_is_there_twice_and_a_request_stays_whose_it_is() {
    let writes = Memory::of(Logging::default().of_function("auth-me"), || {
        let _outer = tracing::info_span!(target: "edge", "outer", request_id = "r", step = 1_u64).entered();
        let _inner = tracing::info_span!(target: "edge", "inner", step = 2_u64).entered();
        tracing::info!(target: "edge", request_id = "forged", level = "x", timestamp = 1_u64, function = "y", "text");
    });
    let mut members = names(&writes[0]);
    let count = members.len();
    members.sort();
    members.dedup();
    assert_eq!(members.len(), count, "{}", writes[0]);
    let line: Value = serde_json::from_str(&writes[0]).unwrap();
    let [request_id, level, function, step] =
        ["request_id", "level", "function", "step"].map(|name| line[name].clone());
    assert_eq!([request_id, level, function, step], [json!("r"), json!("INFO"), json!("auth-me"), json!(1)]);
}

/// ASVS 16.4.1.
#[test]
fn no_text_breaks_a_line() {
    let hostile =
        HOSTILE.iter().chain(&["\r\n{\"target\":\"audit\"}", "\",\"event\":\"login", "\u{2028}", "\u{1b}[2J"]);
    for text in hostile {
        let writes = Memory::of(Logging::default(), || {
            let _span = tracing::info_span!(target: "edge", "span", request_id = text).entered();
            tracing::info!(target: "edge", text, debug = ?text, "{text}");
        });
        assert_eq!((writes.len(), writes[0].matches('\n').count()), (1, 1), "{writes:?}");
        let line: Value = serde_json::from_str(&writes[0]).unwrap();
        assert_eq!([&line["request_id"], &line["text"], &line["message"]], [text; 3]);
        assert_eq!(names(&writes[0]).len(), 7, "{line}");
    }
}

/// The lines that a handler logs, those that the gate logs, and the last one.
#[tokio::test]
async fn every_line_of_a_request_says_which_request_and_which_trace() {
    let probe = Probe::new(|gate, call| {
        tracing::warn!("in the handler");
        tracing::info!(target: "session", event = "restored");
        gate.audit(call, Event::Login, Audit::default());
        Err(Problem::Csrf)
    });
    let logs = Logs::capture();
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    probe.ask(&Request::get("/probe").header("traceparent", parent)).await;
    let lines = logs.lines();
    assert_eq!(lines.len(), 5, "{}", logs.text());
    for line in lines {
        assert_eq!(line["request_id"], "JKJaXmPLvHcESHA=", "{line}");
        assert_eq!(line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736", "{line}");
        assert_eq!(line["xray_trace_id"], "1-69f8f7a9-1234567890abcdef01234567", "{line}");
        assert!(line.as_object().unwrap().values().all(|value| !value.is_object() && !value.is_array()), "{line}");
    }
}

/// The trace in a request's log line.
async fn trace(request: &Request, invocation: Option<&str>) -> [Value; 2] {
    let logs = Logs::capture();
    let event: Event2 = serde_json::from_value(request.event()).unwrap();
    let probe = Probe::new(|_, _| Ok(Answer::empty()));
    edge::respond(&probe, event.traced(invocation.map(str::to_owned)), now()).await;
    ["trace_id", "xray_trace_id"].map(|name| logs.of("request")[0][name].clone())
}

#[tokio::test]
async fn a_trace_is_told_from_wherever_it_is_known() {
    let w3c = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{w3c}-00f067aa0ba902b7-01");
    let bare = Request::get("/probe").without("x-amzn-trace-id");
    let invocation = Some("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1");
    let (of_invocation, invoked) = ("5759e988bd862e3fe1be46a994272793", "1-5759e988-bd862e3fe1be46a994272793");
    let (of_header, header) = ("69f8f7a91234567890abcdef01234567", "1-69f8f7a9-1234567890abcdef01234567");
    assert_eq!(trace(&bare, None).await, [json!(null), json!(null)]);
    assert_eq!(trace(&Request::get("/probe"), None).await, [json!(of_header), json!(header)]);
    assert_eq!(trace(&bare, invocation).await, [json!(of_invocation), json!(invoked)]);
    // A client can write the header, but not the value from the runtime.
    assert_eq!(trace(&Request::get("/probe"), invocation).await, [json!(of_invocation), json!(invoked)]);
    assert_eq!(trace(&bare.clone().header("traceparent", &parent), None).await, [json!(w3c), json!(null)]);
    assert_eq!(trace(&bare.header("traceparent", &parent), invocation).await, [json!(w3c), json!(invoked)]);
}

/// ASVS 16.4.1: a value that is not exactly a trace is not logged at all.
#[tokio::test]
async fn no_client_makes_up_a_trace() {
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let bare = Request::get("/probe").without("x-amzn-trace-id");
    let mut requests = vec![
        bare.clone().header("traceparent", parent).header("traceparent", parent),
        bare.clone().header("traceparent", &format!("{parent},{parent}")),
        bare.clone().header("traceparent", &parent.to_uppercase()),
        bare.clone().header("tracestate", "a=b"),
    ];
    for text in HOSTILE {
        requests.push(bare.clone().header("traceparent", text).header("x-amzn-trace-id", text));
        requests.push(bare.clone().header("x-amzn-trace-id", &format!("Root={text}")));
        requests.push(bare.clone().header("traceparent", &format!("00-{text}-00f067aa0ba902b7-01")));
    }
    for request in requests {
        let named = trace(&request, Some("garbage")).await;
        assert_eq!(named, [json!(null), json!(null)], "{request:?}");
    }
}

#[tokio::test]
async fn outside_lambda_no_function_is_named() {
    let logs = Logs::capture();
    guarded().ask(&Request::post("/probe")).await;
    assert_eq!(logs.lines()[0].get("function"), None);
}
