use crate::support::Running;
use scene::{ORIGIN, Reply, Request};

fn preflight(origin: &str) -> Request {
    let request = Request::new("OPTIONS", "/login").header("origin", origin);
    request.header("access-control-request-method", "POST").header("access-control-request-headers", "content-type")
}

fn cors(reply: &Reply) -> Vec<(&str, &str)> {
    let named = reply.headers.iter().filter(|(name, _)| name.starts_with("access-control-") || *name == "vary");
    named.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn a_browser_may_ask_for_pages_of_an_allowed_origin() {
    let running = Running::start().await;
    let reply = running.over_http(&preflight(ORIGIN)).await.unwrap();
    assert_eq!((reply.status, &*reply.body), (204, ""));
    let expected = [
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-headers", "content-type,x-csrf-token"),
        ("access-control-allow-methods", "GET,POST,DELETE"),
        ("access-control-allow-origin", ORIGIN),
        ("access-control-expose-headers", "retry-after"),
        ("access-control-max-age", "7200"),
        ("vary", "origin"),
    ];
    assert_eq!(cors(&reply), expected);
    for origin in ["https://evil.example", "null", "https://app.example.com:443", "*"] {
        let reply = running.over_http(&preflight(origin)).await.unwrap();
        assert_eq!((reply.status, cors(&reply)), (204, vec![("vary", "origin")]), "{origin}");
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_and_no_other_may_read_an_answer() {
    let running = Running::start().await;
    let ask = async |request: Request| running.over_http(&request).await.unwrap();
    let expected = [
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-origin", ORIGIN),
        ("access-control-expose-headers", "retry-after"),
        ("vary", "origin"),
    ];
    for path in ["/me", "/nowhere"] {
        assert_eq!(cors(&ask(Request::get(path).header("origin", ORIGIN)).await), expected, "{path}");
        assert_eq!(cors(&ask(Request::get(path).header("origin", "https://evil.example")).await), expected[3..]);
        assert_eq!(cors(&ask(Request::get(path)).await), expected[3..], "{path}");
        let twice = Request::get(path).header("origin", ORIGIN).header("origin", "https://evil.example");
        assert_eq!(cors(&ask(twice).await), expected[3..], "{path}");
    }
}

#[tokio::test]
async fn without_allowed_origins_no_browser_is_answered_for_another() {
    let running = Running::for_no_page().await;
    let reply = running.over_http(&preflight(ORIGIN)).await.unwrap();
    assert_eq!((reply.status, cors(&reply)), (404, vec![]));
    let reply = running.over_http(&Request::get("/me").header("origin", ORIGIN)).await.unwrap();
    assert_eq!(cors(&reply), []);
}
