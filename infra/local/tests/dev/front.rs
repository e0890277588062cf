//! What browsers reach: the gateway's answers, with the headers that tell which pages may read them.

use crate::supervised::{Place, free_port};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";
const MAY_READ: [&str; 3] = [
    "access-control-allow-credentials: true",
    "access-control-allow-origin: https://app.example.com",
    "access-control-expose-headers: retry-after",
];
const MAY_SEND: [&str; 3] = [
    "access-control-allow-headers: content-type,x-csrf-token",
    "access-control-allow-methods: GET,POST,DELETE",
    "access-control-max-age: 7200",
];

/// The answer to a request with these headers, each with its end of line.
pub fn exchange(port: u16, method: &str, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: api.localhost:{port}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// What an answer tells a browser about other origins.
fn cors(answer: &str) -> Vec<&str> {
    let mut lines: Vec<_> =
        answer.lines().filter(|line| line.starts_with("access-control-") || line.starts_with("vary:")).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn pages_of_the_allowed_origins_may_read_answers_and_no_others() {
    let place = Place::new();
    let port = free_port();
    let mut dev = place.dev(port, &[("ALLOWED_ORIGINS", APP)]);
    dev.until_ready();
    let origin = |origin: &str| format!("Origin: {origin}\r\n");
    for (method, headers, expected) in [
        ("GET", origin(APP), [&MAY_READ[..], &["vary: origin"]].concat()),
        ("GET", origin(EVIL), vec!["vary: origin"]),
        ("GET", origin("null"), vec!["vary: origin"]),
        ("GET", origin(APP) + &origin(EVIL), vec!["vary: origin"]),
        ("GET", String::new(), vec!["vary: origin"]),
        // No question of a browser: it names no method.
        ("OPTIONS", origin(APP), [&MAY_READ[..], &["vary: origin"]].concat()),
    ] {
        let answer = exchange(port, method, "/it/1?a=%2F&b", &headers);
        assert!(answer.contains(&format!("x-asked: {method} /it/1?a=%2F&b\r\n")), "{answer}");
        assert_eq!(cors(&answer), expected, "{method} {headers}");
    }
    let asks = "Access-Control-Request-Method: POST\r\n";
    for (origin, expected) in [
        (
            origin(APP),
            vec![MAY_READ[0], MAY_SEND[0], MAY_SEND[1], MAY_READ[1], MAY_READ[2], MAY_SEND[2], "vary: origin"],
        ),
        (origin(EVIL), vec!["vary: origin"]),
    ] {
        let answer = exchange(port, "OPTIONS", "/it/1", &(origin + asks));
        assert!(answer.starts_with("HTTP/1.1 204 ") && !answer.contains("x-asked"), "{answer}");
        assert_eq!(cors(&answer), expected);
    }
}

#[test]
fn requests_and_answers_pass_unchanged() {
    let place = Place::new();
    place.answer("something");
    let port = free_port();
    let mut dev = place.dev(port, &[]);
    dev.until_ready();
    let answer = exchange(port, "POST", "/it/1", "Content-Length: 4\r\n\r\nbody");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nsomething"), "{answer}");
    assert!(answer.contains(&format!("x-host: api.localhost:{port}\r\n")), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age=1\r\n"), "{answer}");
    assert!(answer.contains("set-cookie: a=1\r\nset-cookie: b=2\r\n"), "{answer}");
    assert_eq!(place.posts(), ["/it/1 body"]);
}

#[test]
fn a_function_without_an_answer_is_503_as_in_a_deployment() {
    let place = Place::new();
    let port = free_port();
    let mut dev = place.dev(port, &[("ALLOWED_ORIGINS", APP)]);
    dev.until_ready();
    let answer = exchange(port, "GET", "/drop", &format!("Origin: {APP}\r\n"));
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.ends_with(r#"{"message":"Service Unavailable"}"#), "{answer}");
    assert_eq!(cors(&answer)[..3], MAY_READ);
}
