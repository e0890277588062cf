use crate::support::Probe;
use edge::{Answer, Body, Problem, text};
use reason::{Code, Reason};
use scene::{Reply, Request, documented_codes};
use serde_json::{Value, json};

/// Answers 200 with the members of the body.
fn reader() -> Probe {
    Probe::new(|_, call| read(call.body()?))
}

fn read(mut body: Body) -> Result<Answer, Problem> {
    let (name, size) = (body.required("name", text), body.optional("size", small));
    body.finish(name.map(|name| Answer::json(&json!([name, size]))))
}

fn small(text: &str) -> Result<usize, Reason> {
    match text.len() {
        0 => Err(Code::Empty.into()),
        1..=3 => Ok(text.len()),
        _ => Err(Reason::too_long(3)),
    }
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
        r"{'name':'a'}",
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
        r#"{"name":"a","size":1}"#,
        r#"{"name":"a","size":false}"#,
        r#"{"name":"a","size":"1","size":"1"}"#,
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
    let optional = Probe::new(|_, call| {
        let mut body = call.optional_body()?;
        let size = body.optional("size", small);
        body.finish(Some(Answer::json(&size)))
    });
    assert_eq!(optional.ask(&Request::post("/probe")).await.status, 200);
    assert_eq!(optional.ask(&Request::post("/probe").text("")).await.status, 200);
    assert_eq!(optional.ask(&request()).await.status, 400, "a type and no body");
    assert_eq!(optional.ask(&Request::post("/probe").text("{}")).await.status, 415, "a body and no type");
    assert_eq!(optional.ask(&request().text(r#"{"size":"ab"}"#)).await.json(), 2);
}

/// RFC 9457, section 3: a form can show each fault beside its field, after one request.
#[tokio::test]
async fn all_faults_of_a_body_are_told_at_once() {
    let told = async |body: &str| {
        let reply = reader().ask(&request().text(body)).await;
        let errors = reply.json()["errors"].as_array().cloned().unwrap_or_default();
        let told = |error: &Value| json!([error["pointer"], error["code"], error["params"]]);
        (reply.status, errors.iter().map(told).collect::<Value>())
    };
    for (body, status, errors) in [
        (r#"{"name":"a","size":"abcd"}"#, 422, json!([["/size", "too-long", {"max": 3}]])),
        (r#"{"name":"a","size":""}"#, 422, json!([["/size", "empty", {}]])),
        (r#"{"size":""}"#, 400, json!([["/name", "missing", {}], ["/size", "empty", {}]])),
        (r#"{"name":1,"nome":"a"}"#, 400, json!([["/name", "wrong-type", {}], ["/nome", "unknown", {}]])),
        (r#"{"name":"a","name":"b"}"#, 400, json!([["/name", "repeated", {}]])),
        (r#"{"name":"a","<b>":1}"#, 400, json!([["", "unknown", {}]])),
    ] {
        assert_eq!(told(body).await, (status, errors), "{body}");
    }
    // The answer is not much longer than the question.
    let many: Vec<_> = (0..500).map(|index| format!(r#""x{index}":1"#)).collect();
    let (status, errors) = told(&format!("{{{}}}", many.join(","))).await;
    assert_eq!((status, errors.as_array().map(Vec::len)), (400, Some(20)));
}

/// A client has a text for each code.
#[test]
fn the_codes_are_those_of_the_contract() {
    assert_eq!(Code::ALL.iter().map(|code| code.name()).collect::<Vec<_>>(), documented_codes());
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
