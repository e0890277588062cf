use crate::support::Running;
use scene::{Logs, Request};

/// As at the gateway: what has no route reaches no function, not even where the path has other methods.
#[tokio::test]
async fn an_unknown_path_or_method_is_404_with_every_header() {
    let running = Running::start().await;
    for (method, path) in [
        ("GET", "/nowhere"),
        ("GET", "/me/"),
        ("GET", "//me"),
        ("GET", "/ME"),
        ("GET", "/authme"),
        ("POST", "/me"),
        ("PUT", "/login"),
        ("PUT", "/sessions"),
        ("HEAD", "/health"),
        ("OPTIONS", "/me"),
        ("X-Y", "/me"),
    ] {
        let reply = running.over_http(&Request::new(method, path)).await.unwrap();
        assert_eq!(reply.status, 404, "{method} {path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{method} {path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{method} {path}");
        if method != "HEAD" {
            assert_eq!(reply.problem(), "not-found", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_line_says_which_function_answered() {
    let running = Running::start().await;
    let logs = Logs::capture();
    for path in ["/me", "/health", "/nowhere"] {
        running.over_http(&Request::get(path)).await;
    }
    let lines = logs.lines();
    let of = |path: &str| {
        let line = lines.iter().find(|line| line["target"] == "request" && line["path"] == path).unwrap();
        (line["function"].as_str().unwrap().to_owned(), line["request_id"].as_str().unwrap().len())
    };
    assert_eq!(of("/me"), ("me".to_owned(), 36));
    assert_eq!(of("/health"), ("health".to_owned(), 36));
    assert_eq!(of("/nowhere"), ("host".to_owned(), 36));
}
