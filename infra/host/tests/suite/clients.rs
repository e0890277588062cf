//! Where a client is.

use crate::support::Running;
use scene::{Logs, Request};

/// The address in the audit event of a request that is refused.
async fn address(variables: &[(&str, &str)], headers: &[(&str, &str)]) -> String {
    let running = Running::with(variables, Default::default()).await;
    let logs = Logs::capture();
    let request =
        Request::post("/logout").without("x-forwarded-for").without("origin").header("origin", "https://evil.example");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    assert_eq!(running.over_http(&request).await.unwrap().status, 403);
    let lines = logs.lines();
    let denied = lines.iter().find(|line| line["target"] == "audit").unwrap();
    denied["ip"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn without_a_trusted_proxy_a_client_is_where_its_connection_comes_from() {
    assert_eq!(address(&[], &[("x-forwarded-for", "203.0.113.7")]).await, "127.0.0.1");
}

#[tokio::test]
async fn a_trusted_proxy_says_where_a_client_is_and_a_client_does_not() {
    let proxy = [("TRUSTED_PROXY_HEADER", "X-Forwarded-For")];
    let forged = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.7")];
    assert_eq!(address(&proxy, &forged).await, "203.0.113.7");
    let two = [("TRUSTED_PROXY_HEADER", "X-Forwarded-For"), ("TRUSTED_PROXY_HOPS", "2")];
    assert_eq!(address(&two, &[("x-forwarded-for", "198.51.100.1, 203.0.113.7, 192.0.2.1")]).await, "203.0.113.7");
    assert_eq!(address(&two, &[("x-forwarded-for", "203.0.113.7")]).await, "127.0.0.1");
}
