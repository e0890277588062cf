//! Which pages may make a browser begin a sign-in at a provider. ASVS 7.6.2.

use crate::support::{Scene, start};
use scene::{Calls, Logs, Request, Stores, now};
use serde_json::json;

/// The link to the provider, with the headers that say where the browser followed it.
fn from(metadata: &[(&str, &str)]) -> Request {
    metadata.iter().fold(start(), |request, (name, value)| request.header(name, value))
}

const CLICK: [(&str, &str); 4] = [
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-user", "?1"),
];

#[tokio::test]
async fn a_person_begins_it_from_anywhere_and_the_app_by_itself() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let script = &CLICK[..3];
    for request in [
        start(),
        from(&[("sec-fetch-site", "none")]),
        from(&[("sec-fetch-site", "same-origin")]),
        from(&[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")]),
        from(&CLICK),
        from(script).header("referer", "https://app.example.com/"),
        from(script).header("referer", "https://app.example.com/sign-in?x=1"),
        from(&[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")]),
    ] {
        assert_eq!(scene.ask(&request).await.status, 302, "{request:?}");
    }
}

/// If a provider remembers the person, a page, frame or image of another site could replace the session here.
#[tokio::test]
async fn no_other_site_begins_it_behind_a_persons_back() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let with = |name: &str, value: &str| {
        let request = from(&CLICK).without(name);
        if value.is_empty() { request } else { request.header(name, value) }
    };
    for request in [
        with("sec-fetch-user", ""),
        with("sec-fetch-user", "?0"),
        with("sec-fetch-mode", "no-cors"),
        with("sec-fetch-mode", ""),
        with("sec-fetch-dest", "iframe"),
        with("sec-fetch-dest", "image"),
        with("sec-fetch-dest", ""),
        from(&[("sec-fetch-site", "cross-site")]),
        // Sent twice, not text, or unknown to us.
        from(&[("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")]),
        from(&[("sec-fetch-site", "n\u{f6}ne")]),
        from(&[("sec-fetch-site", "same-planet")]),
        from(&[("sec-fetch-site", "")]),
        from(&CLICK).header("sec-fetch-user", "?1"),
        with("sec-fetch-user", "").header("referer", "https://evil.example/https://app.example.com/"),
        with("sec-fetch-user", "").header("referer", "https://app.example.com.evil.example/"),
        with("sec-fetch-user", "").header("referer", "http://app.example.com/"),
        with("sec-fetch-user", "").header("referer", "app.example.com"),
        with("sec-fetch-user", "").header("referer", "null"),
    ] {
        let logs = Logs::capture();
        let reply = scene.ask(&request).await;
        assert_eq!((reply.status, &*reply.problem(), reply.cookies.len()), (403, "foreign-origin", 0), "{request:?}");
        assert_eq!(logs.event(), json!({ "event": "denied", "reason": "foreign-origin" }), "{request:?}");
    }
    assert_eq!(scene.provider.calls(), Calls::default());
}

#[tokio::test]
async fn a_person_who_was_sent_is_told_on_a_page() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let request = from(&CLICK[..3]).without("accept").header("accept", "text/html");
    let reply = scene.ask(&request).await;
    assert_eq!((reply.status, reply.header("content-type")), (403, Some("text/html; charset=utf-8")));
}
