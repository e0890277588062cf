use crate::support::{Probe, guarded};
use edge::Gate;
use scene::{PUBLIC_URL, Request, now, send, settings};
use serde_json::json;

/// With a second front end, on its own port.
fn two_front_ends() -> Probe {
    let variables =
        [("PUBLIC_URL", PUBLIC_URL), ("ALLOWED_ORIGINS", "https://app.example.com, https://admin.example.com:8443")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Probe { gate: settings(variables, Gate::from_environment), ..guarded() }
}

fn request() -> Request {
    Request::new("POST", "/probe")
}

async fn passes(request: &Request) -> bool {
    let reply = two_front_ends().ask(request).await;
    if reply.status != 204 {
        assert_eq!((reply.status, &*reply.problem()), (403, "foreign-origin"));
    }
    reply.status == 204
}

/// ASVS 3.5.1, 3.5.3.
#[tokio::test]
async fn pages_of_ours_may_change_something() {
    for origin in ["https://app.example.com", "https://admin.example.com:8443", "https://api.example.com"] {
        assert!(passes(&request().header("origin", origin)).await, "{origin}");
    }
}

/// ASVS 3.5.1, 3.5.3.
#[tokio::test]
async fn pages_of_others_may_not() {
    for origin in [
        "https://evil.example",
        "null",
        "",
        "*",
        "https://*.example.com",
        "https://example.com",
        "https://sub.app.example.com",
        "https://app.example.com.evil.example",
        "https://app.example.como",
        "https://app.example.co",
        "https://evil-app.example.com",
        "https://evilapp.example.com",
        "https://admin.example.com",
        "https://admin.example.com:8444",
        "https://app.example.com:8443",
        "https://app.example.com:443",
        "https://app.example.com/",
        "https://app.example.com/home",
        "https://user@app.example.com",
        "http://app.example.com",
        "HTTPS://APP.EXAMPLE.COM",
        "app.example.com",
        " https://app.example.com",
        "https://app.example.com\u{e9}",
        "https://\u{430}pp.example.com",
    ] {
        assert!(!passes(&request().header("origin", origin)).await, "{origin:?}");
        let claims_to_be_ours = request().header("origin", origin).header("sec-fetch-site", "same-origin");
        assert!(!passes(&claims_to_be_ours).await, "{origin:?}");
    }
}

/// ASVS 3.5.1, 15.3.7.
#[tokio::test]
async fn an_origin_that_is_there_twice_is_no_origin_of_ours() {
    let ours = "https://app.example.com";
    assert!(!passes(&request().header("origin", ours).header("origin", ours)).await);
    assert!(!passes(&request().header("origin", ours).header("origin", "https://evil.example")).await);
    let mut event = request().event();
    event["headers"]["origin"] = json!([ours, ours]);
    assert_eq!(send(&two_front_ends(), &event, now()).await.status, 403);
}

/// ASVS 3.5.1: browsers leave `Origin` out of requests of their own and say so; programs send neither header.
#[tokio::test]
async fn without_an_origin_a_browser_has_to_vouch_for_the_request() {
    assert!(passes(&request()).await);
    for (site, good) in [
        ("same-origin", true),
        ("none", true),
        ("same-site", false),
        ("cross-site", false),
        ("", false),
        ("Same-Origin", false),
        ("none, none", false),
        ("n\u{f6}ne", false),
    ] {
        assert_eq!(passes(&request().header("sec-fetch-site", site)).await, good, "{site:?}");
    }
    let twice = request().header("sec-fetch-site", "none").header("sec-fetch-site", "none");
    assert!(!passes(&twice).await);
}
