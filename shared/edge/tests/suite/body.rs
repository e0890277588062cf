use crate::support::Probe;
use edge::Answer;
use scene::{Reply, Request};
use serde::Deserialize;
use serde_json::json;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    name: String,
    #[serde(default)]
    size: Option<u32>,
}

/// Answers 200 with the name from the body.
fn reader() -> Probe {
    Probe::new(|_, call| call.json().map(|members: Members| Answer::json(&json!([members.name, members.size]))))
}

fn request() -> Request {
    Request::post("/probe").header("content-type", "application/json")
}

async fn refused(body: &[u8]) -> Reply {
    for request in [request().bytes(body), request().text(&String::from_utf8_lossy(body))] {
        let reply = reader().ask(&request).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "bad-request"), "{}", String::from_utf8_lossy(body));
    }
    reader().ask(&request().bytes(body)).await
}

#[tokio::test]
async fn one_json_object_is_read() {
    for body in [
        r#"{"name":"a"}"#,
        " \r\n\t{ \"name\" : \"a\" } \n",
        r#"{"size":null,"name":"a"}"#,
        "{\"n\\u0061me\":\"\\u0061\"}",
    ] {
        for request in [request().text(body), request().bytes(body.as_bytes())] {
            let reply = reader().ask(&request).await;
            assert_eq!((reply.status, reply.json()), (200, json!(["a", null])), "{body}");
        }
    }
}

/// ASVS 2.2.1, 15.3.3: this includes what a lenient reader would accept.
#[tokio::test]
async fn anything_else_is_refused() {
    for body in [
        "",
        " ",
        "null",
        "true",
        "1",
        "\"a\"",
        "[]",
        r#"["a",1]"#,
        r#"[{"name":"a"}]"#,
        "{",
        "{}",
        "}",
        "{}{}",
        r#"{"name":"a"}{"name":"a"}"#,
        r#"{"name":"a"} x"#,
        r#"{"name":"a",}"#,
        r#"{name:"a"}"#,
        r#"{'name':'a'}"#,
        r#"{"name":"a"/* */}"#,
        "{\"name\":\"a\nb\"}",
        r#"{"name":"\x61"}"#,
        r#"{"name":"\ud800"}"#,
        "\u{feff}{\"name\":\"a\"}",
        "\0{\"name\":\"a\"}",
        "{\"name\":\"a\"}\0",
        r#"{"name":NaN}"#,
    ] {
        refused(body.as_bytes()).await;
    }
    for body in [
        &b"{\"name\":\"\xff\"}"[..],
        b"{\"name\":\"\xc0\xaf\"}",
        b"\xff\xfe{\0}\0",
        b"\x1f\x8b\x08\0",
        b"{\"\xed\xa0\x80\":1}",
    ] {
        assert_eq!(reader().ask(&request().bytes(body)).await.problem(), "bad-request");
    }
}

/// ASVS 15.3.3, 1.5.3: two readers of one body must not see two different things.
#[tokio::test]
async fn members_are_known_there_once_and_of_their_type() {
    for body in [
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"a","n\u0061me":"b"}"#,
        r#"{"name":"a","more":1}"#,
        r#"{"name":"a","Name":"b"}"#,
        r#"{"name":"a","__proto__":{}}"#,
        r#"{"name":"a","":1}"#,
        r#"{"size":1}"#,
        r#"{"name":null}"#,
        r#"{"name":1}"#,
        r#"{"name":true}"#,
        r#"{"name":["a"]}"#,
        r#"{"name":{"name":"a"}}"#,
        r#"{"name":"a","size":"1"}"#,
        r#"{"name":"a","size":-1}"#,
        r#"{"name":"a","size":1.5}"#,
        r#"{"name":"a","size":4294967296}"#,
        r#"{"name":"a","size":1e400}"#,
    ] {
        refused(body.as_bytes()).await;
    }
}

/// ASVS 1.5.2, 2.2.1: no depth exhausts the stack.
#[tokio::test]
async fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let depth = 8000 / open.len();
        refused(format!(r#"{{"name":{}1{}}}"#, open.repeat(depth), close.repeat(depth)).as_bytes()).await;
        refused(format!(r#"{{"name":{}"#, open.repeat(depth)).as_bytes()).await;
    }
}

/// ASVS 4.3.1 is about size; the last byte that is read is number 16384.
#[tokio::test]
async fn sixteen_kibibytes_are_read_and_not_one_byte_more() {
    let body = |size: usize| format!(r#"{{"name":"{}"}}"#, "a".repeat(size - 11));
    assert_eq!(body(16_384).len(), 16_384);
    assert_eq!(reader().ask(&request().text(&body(16_384))).await.status, 200);
    assert_eq!(reader().ask(&request().bytes(body(16_384).as_bytes())).await.status, 200);
    for request in
        [request().text(&body(16_385)), request().bytes(body(16_385).as_bytes()), request().text(&"[".repeat(16_385))]
    {
        let reply = reader().ask(&request).await;
        assert_eq!((reply.status, &*reply.problem()), (413, "body-too-large"));
    }
}

/// ASVS 3.5.2, 4.1.1: a form cannot say that it is JSON.
#[tokio::test]
async fn only_a_body_that_is_called_json_is_read() {
    let body = Request::post("/probe").text(r#"{"name":"a"}"#);
    for kind in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON;charset=UTF-8"] {
        assert_eq!(reader().ask(&body.clone().header("content-type", kind)).await.status, 200, "{kind}");
    }
    for kind in [
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; boundary=x",
        "application/problem+json",
        "application/json, text/plain",
        "*/*",
        "application/j\u{f6}son",
    ] {
        let reply = reader().ask(&body.clone().header("content-type", kind)).await;
        assert_eq!((reply.status, &*reply.problem()), (415, "unsupported-media-type"), "{kind}");
    }
    assert_eq!(reader().ask(&body).await.status, 415, "no type");
    let twice = body.header("content-type", "application/json").header("content-type", "application/json");
    assert_eq!(reader().ask(&twice).await.status, 415, "two types");
}

#[tokio::test]
async fn a_body_that_may_be_left_out_is_left_out_with_its_type() {
    let optional = Probe::new(|_, call| call.optional_json().map(|members: Members| Answer::json(&members.name)));
    assert_eq!(optional.ask(&Request::post("/probe")).await.status, 200);
    assert_eq!(optional.ask(&Request::post("/probe").text("")).await.status, 200);
    assert_eq!(optional.ask(&request()).await.status, 400, "a type and no body");
    assert_eq!(optional.ask(&Request::post("/probe").text("{}")).await.status, 415, "a body and no type");
    assert_eq!(optional.ask(&request().text(r#"{"name":"a"}"#)).await.json(), "a");
}

/// ASVS 16.5.1, 1.2.1: a refusal says where, and repeats nothing of what was sent.
#[tokio::test]
async fn a_refusal_repeats_nothing() {
    for body in
        [r#"{"name":"a","<SECRET>":1}"#, r#"{"name":"a","name":"<SECRET>"}"#, r#"{"name":<SECRET>}"#, "<SECRET>"]
    {
        let reply = refused(body.as_bytes()).await;
        assert!(!reply.body.contains("SECRET"), "{reply:?}");
    }
    insta::assert_snapshot!(refused(br#"{"name":"a","name":"b"}"#).await);
}
