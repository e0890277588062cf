use crate::support::{Probe, call, guarded};
use edge::{Answer, Call, Event2, Problem, text};
use scene::{Logs, Request, each_hostile, now, send, whatever_is_asked};
use serde_json::{Value, json};

/// Reads from the call everything that a handler may read.
fn curious() -> Probe {
    Probe::new(|gate, call| {
        drop(gate.client(call));
        drop(gate.cookie_names(call, "__Host-"));
        drop(call.parameter("name").to_owned());
        call.query("state")?;
        gate.cookie(call, "__Host-login_AAAAAAAAAAAAAAAA")?;
        gate.unsafe_call(call)?;
        let mut body = call.optional_body()?;
        let member = body.optional("name", text);
        body.finish(Some(Answer::json(&member)))
    })
}

/// ASVS 1.2.1, 2.2.1, 15.3.7, 3.4.1–3.4.6: the headers and cookies of each answer are checked as it is read.
#[tokio::test]
async fn no_hostile_text_anywhere_gets_more_than_a_no() {
    for request in each_hostile(&Request::post("/probe/{name}").fill("x").json(&json!({}))) {
        let reply = curious().ask(&request).await;
        assert!([200, 400, 403, 404, 413, 415].contains(&reply.status), "{request:?}: {reply:?}");
    }
}

/// ASVS 2.2.1, 15.3.7.
#[test]
fn no_event_gets_more_than_a_no() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    whatever_is_asked(1000, &["/probe", "/probe/{name}"], |request| {
        let reply = runtime.block_on(curious().ask(&request));
        assert!([200, 400, 403, 404, 405, 413, 415].contains(&reply.status), "{reply:?}");
    });
}

/// Otherwise the runtime would answer for us, without headers and without a log line.
#[tokio::test]
async fn a_header_beyond_ascii_is_there_and_is_no_text() {
    let request = Request::new("POST", "/probe").header("x-name", "n\u{e4}me").header("x-other", "a\nb");
    let call = call(&request);
    assert!(call.has_header("x-name") && call.header("x-name").is_none());
    assert!(call.has_header("x-other"));
    assert_eq!(guarded().ask(&request).await.status, 204);
    assert_eq!(guarded().ask(&request.header("origin", "https://n\u{e4}me.example")).await.status, 403);
}

/// The schedule that keeps the network interfaces of an idle function sends it.
#[tokio::test]
async fn an_event_that_asks_for_nothing_gets_nothing_and_leaves_no_line() {
    let served = async |text: &str| {
        let logs = Logs::capture();
        let event: Event2 = serde_json::from_str(text).unwrap();
        let answer = edge::serve(&curious(), event, now()).await.map(|answer| serde_json::to_value(answer).unwrap());
        (answer.map(|answer| answer["statusCode"].clone()), logs.of("request").len())
    };
    assert_eq!(served("{}").await, (None, 0));
    let request = Request::get("/elsewhere").event().to_string();
    assert_eq!(served(&request).await, (Some(json!(404)), 1));
    for text in [r#"{"a":1}"#, "null", "[]", "\"{}\""] {
        assert_eq!(served(text).await, (Some(json!(400)), 1), "{text}");
    }
}

#[tokio::test]
async fn what_the_gateway_leaves_out_is_empty() {
    let mut event = Request::get("/probe").event();
    for member in ["headers", "rawQueryString", "isBase64Encoded", "version", "routeKey"] {
        event.as_object_mut().unwrap().remove(member);
    }
    event["requestContext"]["http"].as_object_mut().unwrap().remove("sourceIp");
    event["requestContext"].as_object_mut().unwrap().remove("requestId");
    assert_eq!(send(&curious(), &event, now()).await.status, 200);
    event["headers"] = Value::Null;
    event["cookies"] = Value::Null;
    event["body"] = Value::Null;
    assert_eq!(send(&curious(), &event, now()).await.status, 200);
}

#[tokio::test]
async fn base64_that_is_none_is_no_body() {
    let mut event = Request::post("/probe").header("content-type", "application/json").event();
    event["isBase64Encoded"] = json!(true);
    event["body"] = json!("{not base64}");
    assert_eq!(send(&curious(), &event, now()).await.status, 400);
}

/// The function was invoked past the gateway. Otherwise the runtime would answer for us, without headers and without a
/// line.
#[tokio::test]
async fn what_is_no_request_is_400_and_a_line() {
    let events = [
        json!(null),
        json!([]),
        json!({}),
        json!({ "requestContext": 1 }),
        json!({ "requestContext": { "http": {} } }),
        json!({ "requestContext": { "http": { "method": "G T" } } }),
        json!({ "Records": [] }),
    ];
    for event in events {
        let logs = Logs::capture();
        let reply = send(&curious(), &event, now()).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "bad-request"), "{event}");
        assert_eq!(logs.of("request").len(), 1, "{event}");
    }
}

/// A request with so many of one member that its container may reach a limit of its own.
fn crowded(member: &str, value: Value) -> Value {
    let mut event = Request::post("/probe").event();
    event[member] = value;
    event
}

/// `http::HeaderMap` panics at the 32,769th name.
#[tokio::test]
async fn no_number_of_headers_cookies_or_parameters_gets_more_than_a_no() {
    let names = || (0..33_000).map(|number| (format!("x-{number}"), Value::from("1")));
    for event in [
        crowded("headers", names().collect::<serde_json::Map<_, _>>().into()),
        crowded("headers", json!({ "x-many": vec!["1"; 33_000] })),
        crowded("headers", json!({ "x-long": "a".repeat(33_000) })),
        crowded("headers", json!({ "not a name \u{e9}": vec![""; 33_000] })),
        crowded("cookies", json!(vec!["a=1"; 33_000])),
        crowded("cookies", json!(["a=1;".repeat(33_000)])),
        crowded("rawQueryString", json!("a=1&".repeat(33_000))),
        crowded("rawPath", json!("/a".repeat(33_000))),
    ] {
        let logs = Logs::capture();
        let reply = send(&curious(), &event, now()).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "bad-request"));
        let [line] = &logs.of("request")[..] else { panic!("one line: {}", logs.text()) };
        assert!(line.to_string().len() < 2048, "{line}");
    }
}

/// If a guard does not see a header, it lets through what it would have refused.
#[tokio::test]
async fn no_header_is_left_out_for_want_of_room() {
    let mut event = Request::post("/probe").without("origin").header("origin", "https://evil.example").event();
    let headers = event["headers"].as_object_mut().unwrap();
    headers.extend((0..1000).map(|number| (format!("a-{number:04}"), Value::from("1"))));
    assert_eq!(send(&guarded(), &event, now()).await.problem(), "foreign-origin");
    let headers = event["headers"].as_object_mut().unwrap();
    headers.extend((0..10_000).map(|number| (format!("a-{number:04}"), Value::from("1"))));
    assert_eq!(send(&guarded(), &event, now()).await.problem(), "bad-request");
}

/// The gateway passes on 10,240 bytes.
#[tokio::test]
async fn what_the_gateway_passes_on_is_read() {
    let event = crowded("rawQueryString", json!(format!("state={}", "a".repeat(10_240))));
    assert_eq!(send(&curious(), &event, now()).await.status, 200);
}

#[tokio::test]
async fn a_method_that_is_not_served_is_told_which_are() {
    let probe = Probe::new(|_, _| Ok(Answer::empty()));
    assert_eq!(probe.ask(&Request::get("/probe")).await.status, 204);
    for method in ["DELETE", "HEAD", "OPTIONS", "get", "PROPFIND"] {
        let reply = probe.ask(&Request::new(method, "/probe")).await;
        assert_eq!(
            (reply.status, &*reply.problem(), reply.header("allow")),
            (405, "method-not-allowed", Some("GET, POST"))
        );
    }
}

/// `PUBLIC_URL` of the tests ends in `/auth`. A domain's mapping leaves that in the path; without a mapping it is
/// absent.
#[tokio::test]
async fn the_path_of_the_public_url_is_taken_off_once() {
    let probe = Probe::new(|_, call| Ok(Answer::json(&call.parameter("name"))));
    for path in ["/probe/x", "/auth/probe/x"] {
        let reply = probe.ask(&Request::post(path)).await;
        assert_eq!((reply.status, &*reply.body), (200, "\"x\""), "{path}");
    }
    for path in ["/auth/auth/probe/x", "/authprobe/x", "/auth", "/auth/", "/other/probe/x", "auth/probe/x"] {
        assert_eq!(probe.ask(&Request::post(path)).await.problem(), "not-found", "{path}");
    }
}

/// ASVS 1.1.1: the handler gets a text from the path as it was before it was encoded.
#[tokio::test]
async fn a_segment_of_the_path_is_decoded_once() {
    let probe = Probe::new(|_, call| Ok(Answer::json(&call.parameter("name"))));
    for text in ["a b", "a/b", "%2f", "?x=1", "\u{e9}", "\u{0}"] {
        let reply = probe.ask(&Request::post("/probe/{name}").fill(text)).await;
        assert_eq!((reply.status, reply.json()), (200, json!(text)), "{text:?}");
    }
}

#[test]
fn the_time_of_a_call_is_as_precise_as_what_is_stored() {
    let event: Event2 = serde_json::from_value(Request::get("/probe").event()).unwrap();
    let call = Call::new(&event, "2031-05-06T07:08:09.123456789Z".parse().unwrap());
    assert_eq!(call.ok().unwrap().now.to_string(), "2031-05-06T07:08:09.123Z");
}

/// RFC 9457: `instance` is the gateway's request id, in any form.
#[tokio::test]
async fn a_problem_names_its_request() {
    let probe = Probe::new(|_, _| Err(Problem::NotFound));
    let reply = probe.ask(&Request::get("/probe").id("\"<\\\n")).await;
    assert_eq!(reply.json()["instance"], "\"<\\\n");
}
