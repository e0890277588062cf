//! The event that the gateway would make of a request, for a front of our own.

use super::Event2;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, header::COOKIE, request::Parts};
use serde::Serialize;
use serde_json::value::to_raw_value;
use std::{borrow::Cow, collections::BTreeMap, net::IpAddr};

/// The members of an event that are read.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    version: &'static str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<Cow<'a, str>>,
    headers: BTreeMap<&'a str, Cow<'a, str>>,
    request_context: Context<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    request_id: &'a str,
    http: Line<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    method: &'a str,
    source_ip: IpAddr,
}

impl Event2 {
    /// The event of a request that came over HTTP from this address, as the gateway would write it. Path and query are
    /// as they were sent. `None` if it has no such form, which holds for no request.
    pub fn of_request(head: &Parts, body: &[u8], source_ip: IpAddr, request_id: &str) -> Option<Self> {
        let (body, is_base64_encoded) = written(body);
        let written = Written {
            version: "2.0",
            raw_path: head.uri.path(),
            raw_query_string: head.uri.query().unwrap_or_default(),
            cookies: cookies(&head.headers),
            headers: headers(&head.headers),
            request_context: Context { request_id, http: Line { method: head.method.as_str(), source_ip } },
            body,
            is_base64_encoded,
        };
        Some(Self { text: to_raw_value(&written).ok()?, xray_trace_id: None })
    }
}

/// All headers but the cookies. The gateway joins the values of a repeated one. A value that is not UTF-8 stays no text.
fn headers(all: &HeaderMap) -> BTreeMap<&str, Cow<'_, str>> {
    let mut headers = BTreeMap::<&str, Cow<'_, str>>::new();
    for (name, value) in all.iter().filter(|(name, _)| **name != COOKIE) {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers.entry(name.as_str()).and_modify(|first| *first = format!("{first},{value}").into()).or_insert(value);
    }
    headers
}

/// Each cookie by itself (RFC 6265bis, section 5.8.3).
fn cookies(all: &HeaderMap) -> Vec<Cow<'_, str>> {
    let lines = all.get_all(COOKIE).into_iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let split = lines.flat_map(|line| match line {
        Cow::Borrowed(line) => line.split("; ").map(Cow::Borrowed).collect::<Vec<_>>(),
        Cow::Owned(line) => line.split("; ").map(|cookie| Cow::Owned(cookie.to_owned())).collect(),
    });
    split.collect()
}

/// A body as text, or else as base64; `None` if there is none.
fn written(body: &[u8]) -> (Option<Cow<'_, str>>, bool) {
    match std::str::from_utf8(body) {
        Ok("") => (None, false),
        Ok(text) => (Some(text.into()), false),
        Err(_) => (Some(BASE64_STANDARD.encode(body).into()), true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn event(request: http::request::Builder, body: &[u8]) -> Value {
        let (head, ()) = request.body(()).unwrap().into_parts();
        let event = Event2::of_request(&head, body, "2001:db8::1".parse().unwrap(), "request-1").unwrap();
        serde_json::from_str(event.text.get()).unwrap()
    }

    #[test]
    fn a_request_is_written_as_the_gateway_writes_it() {
        let request = http::Request::post("/login/%61?x=%20&x=2")
            .header("X-Name", "1")
            .header("x-name", "2")
            .header("cookie", "a=1; b=2")
            .header("cookie", "c=3");
        let expected = json!({
            "version": "2.0",
            "rawPath": "/login/%61",
            "rawQueryString": "x=%20&x=2",
            "cookies": ["a=1", "b=2", "c=3"],
            "headers": { "x-name": "1,2" },
            "requestContext": { "requestId": "request-1", "http": { "method": "POST", "sourceIp": "2001:db8::1" } },
            "body": "{\"a\":\"\u{e9}\"}",
            "isBase64Encoded": false,
        });
        assert_eq!(event(request, "{\"a\":\"\u{e9}\"}".as_bytes()), expected);
    }

    #[test]
    fn what_is_empty_is_left_out_and_what_is_no_text_is_base64() {
        let none = event(http::Request::get("/me"), b"");
        assert_eq!((none.get("body"), none.get("cookies"), &none["rawQueryString"]), (None, None, &json!("")));
        let bytes = event(http::Request::get("/me"), b"\xff\x00");
        assert_eq!((&bytes["body"], &bytes["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
    }

    /// A value that a guard does not see would let through what the guard refuses.
    #[test]
    fn a_value_that_is_no_text_is_there_all_the_same() {
        let value = http::HeaderValue::from_bytes(b"https://\xff").unwrap();
        let request = http::Request::get("/me").header("origin", value.clone()).header("cookie", value);
        let event = event(request, b"");
        assert_eq!(event["headers"]["origin"], "https://\u{fffd}");
        assert_eq!(event["cookies"], json!(["https://\u{fffd}"]));
    }
}
