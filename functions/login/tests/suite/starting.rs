//! Which pages may make a browser begin a sign-in at a provider. ASVS 7.6.2.

use crate::support::{Scene, attempts, start};
use scene::{COOKIE, Calls, Logs, Request, Stores, now};
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

/// With `Strict` too: a click on another site begins it, though the session cookie is not there.
#[tokio::test]
async fn a_click_begins_it_at_once_whatever_the_session_cookie_is() {
    for same_site in ["None", "Lax", "Strict"] {
        let scene = Scene::with(Stores::without_redis().await, now(), &[("COOKIE_SAMESITE", same_site)]).await;
        let reply = scene.ask(&from(&CLICK).navigated()).await;
        assert_eq!((reply.status, attempts(&reply)[0].mark.as_deref()), (302, None), "{same_site}: {reply:?}");
    }
}

/// Where a person comes back to who was sent, or who asked for what there is not.
#[tokio::test]
async fn a_login_that_cannot_begin_leads_to_the_sign_in_page() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let inbox = "return_to=%2Finbox";
    let then_inbox = "&return_to=https%3A%2F%2Fapp.example.com%2Finbox";
    for (request, slug, more) in [
        (from(&CLICK[..3]).query(inbox), "foreign-origin", then_inbox),
        (start().fill("nobody").query(inbox), "not-found", then_inbox),
        (start().fill("nobody"), "not-found", ""),
        (start().query(&format!("prompt=none&{inbox}")), "bad-request", then_inbox),
        (start().query(&format!("{inbox}&{inbox}")), "bad-request", ""),
        (start().query("return_to=https%3A%2F%2Fevil.example"), "bad-request", ""),
        (start().cookie(COOKIE, "a").cookie(COOKIE, "b"), "duplicate-cookie", ""),
    ] {
        let reply = scene.ask(&request.navigated()).await;
        let page = format!("https://api.example.com/auth/login?problem={slug}&request=JKJaXmPLvHcESHA%3D{more}");
        assert_eq!((reply.status, reply.header("location"), reply.cookies.len()), (303, Some(&*page), 0), "{reply:?}");
    }
    let posted = scene.ask(&Request::post("/login/{provider}").fill("nobody").query(inbox).navigated()).await;
    assert_eq!((posted.status, &*posted.problem()), (401, "signed-out"), "a page asked by fetch");
}
