//! A callback finishes the attempt of its own browser, once, and leaves nothing of it behind.

use crate::support::{Scene, Visit, receipt, route};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use jiff::SignedDuration;
use oidc::Attempt;
use scene::{Calls, Reply, Request};

impl Scene {
    /// Sends a request that must be refused before the provider is asked and before anything is written.
    async fn refuses(&self, request: &Request, problem: &str) -> Reply {
        let (contents, calls) = (self.stores.contents().await, [self.provider.calls(), self.other.calls()]);
        let reply = self.ask(request).await;
        assert_eq!((reply.status, &*reply.problem()), (400, problem), "{request:?}");
        assert_eq!(self.stores.contents().await, contents, "something is written: {request:?}");
        assert_eq!([self.provider.calls(), self.other.calls()], calls, "a provider is asked: {request:?}");
        reply
    }
}

fn cleared(visit: &Visit) -> String {
    format!("{}=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0", visit.cookie_name())
}

/// ASVS 10.2.1; RFC 9700 section 4.7.
#[tokio::test]
async fn a_state_without_its_attempt_is_nobodys_login() {
    let scene = Scene::whole().await;
    let (visit, another) = (scene.visit().await, scene.visit().await);
    let name = visit.cookie_name();
    for request in [
        route(),
        visit.without("state").request(),
        visit.with("").request(),
        // Of another browser.
        visit.without_cookie(),
        // Of another tab.
        visit.without_cookie().cookie(&another.cookie_name(), &another.attempt.encode()),
    ] {
        let reply = scene.refuses(&request, "login-expired").await;
        assert!(reply.cookies.is_empty(), "nothing of this attempt to clear: {reply:?}");
    }
    for value in ["", "x", "e30", &another.attempt.encode(), &BASE64URL.encode("{\"state\":1}"), &"A".repeat(5000)] {
        let reply = scene.refuses(&visit.without_cookie().cookie(&name, value), "login-expired").await;
        assert_eq!(reply.cookies, [cleared(&visit)], "{value}");
    }
    // None of these has spent it: other parties sent them.
    assert_eq!(scene.ask(&visit.request()).await.status, 302);
}

/// ASVS 10.2.1: every character of it counts, under its own cookie name and under that of the attempt.
#[tokio::test]
async fn a_state_that_is_nearly_right_is_wrong() {
    let scene = Scene::small().await;
    let visit = scene.visit().await;
    let state = &visit.attempt.state;
    for wrong in [&state[..42], &state.to_lowercase(), &format!("{state}A"), &format!("{state}\0"), "", " "] {
        let escaped: String = url::form_urlencoded::byte_serialize(wrong.as_bytes()).collect();
        let forged = visit.with(visit.query.replace(state.as_str(), &escaped));
        scene.refuses(&forged.request(), "login-expired").await;
        let renamed = forged.without_cookie().cookie(&Attempt::cookie_name(wrong), &visit.attempt.encode());
        scene.refuses(&renamed, "login-expired").await;
    }
}

/// ASVS 7.3.1, 10.2.1: ten minutes to the second, and not before it began.
#[tokio::test]
async fn a_login_has_ten_minutes() {
    for (seconds, good) in [(0, true), (600, true), (601, false), (86_400, false), (-60, true), (-61, false)] {
        let mut scene = Scene::small().await;
        let visit = scene.visit().await;
        scene.now += SignedDuration::from_secs(seconds);
        scene.provider.set_clock(scene.now);
        if good {
            assert_eq!(scene.ask(&visit.request()).await.status, 302, "{seconds}");
        } else {
            assert_eq!(scene.refuses(&visit.request(), "login-expired").await.cookies, [cleared(&visit)], "{seconds}");
        }
    }
}

/// ASVS 10.2.2: mix-up. A login that began at one provider ends there.
#[tokio::test]
async fn an_attempt_at_another_provider_is_not_this_ones() {
    let scene = Scene::whole().await;
    let visit = scene.visit_at("other", &scene.other).await;
    assert_eq!(scene.refuses(&visit.request(), "login-expired").await.cookies, [cleared(&visit)]);
    let ours = scene.visit().await;
    let there = Request::get("/callback/{provider}").parameter("provider", "other").query(&ours.query);
    scene.refuses(&there.cookie(&ours.cookie_name(), &ours.attempt.encode()), "login-expired").await;
}

/// ASVS 15.3.7: one of the two was planted.
#[tokio::test]
async fn two_cookies_of_one_attempt_are_never_a_guess() {
    let scene = Scene::whole().await;
    let (visit, another) = (scene.visit().await, scene.visit().await);
    for second in [&visit.attempt.encode(), &another.attempt.encode(), "x", ""] {
        let request = visit.request().cookie(&visit.cookie_name(), second);
        let reply = scene.refuses(&request, "duplicate-cookie").await;
        assert_eq!(reply.cookies, [cleared(&visit)], "both go");
    }
}

/// ASVS 15.3.7.
#[tokio::test]
async fn parameters_that_are_there_twice_are_never_a_guess() {
    let scene = Scene::whole().await;
    let visit = scene.visit().await;
    for more in ["code=x", "iss=x", "error=x&error=y", "code", "co%64e=x"] {
        let reply = scene.refuses(&visit.with(format!("{}&{more}", visit.query)).request(), "bad-request").await;
        assert_eq!(reply.cookies, [cleared(&visit)], "{more}");
    }
    for more in ["state=x", &format!("state={}", visit.attempt.state)] {
        let reply = scene.refuses(&visit.with(format!("{}&{more}", visit.query)).request(), "bad-request").await;
        assert!(reply.cookies.is_empty(), "of two states neither is this browser's: {reply:?}");
    }
}

/// ASVS 10.2.1; RFC 9700 section 4.5: the browser spends it; if a browser keeps what it should drop, the provider does.
#[tokio::test]
async fn a_login_is_finished_once() {
    let scene = Scene::whole().await;
    let visit = scene.visit().await;
    let first = scene.ask(&visit.request()).await;
    assert_eq!(first.status, 302);
    assert_eq!((first.cookies.len(), receipt(&first, &visit).is_some()), (3, true), "the attempt is gone: {first:?}");

    scene.refuses(&visit.without_cookie(), "login-expired").await;
    let kept = scene.kept().await;
    let again = scene.ask(&visit.request()).await;
    assert_eq!((again.status, &*again.problem()), (400, "login-refused"));
    assert_eq!(again.cookies, [cleared(&visit)]);
    assert_eq!(scene.kept().await, kept);
}

/// ASVS 3.7.2: the cookie is the browser's, and may have been planted or changed there.
#[tokio::test]
async fn where_to_go_is_judged_again() {
    let scene = Scene::whole().await;
    for elsewhere in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https://app.example.com@evil.example/",
        "https://app.example.com.evil.example/",
        "http://app.example.com/",
        "https://app.example.com:8443/",
        "",
    ] {
        let mut visit = scene.visit().await;
        visit.attempt.return_to = elsewhere.to_owned();
        let reply = scene.refuses(&visit.request(), "bad-request").await;
        assert_eq!((reply.header("location"), &reply.cookies[..]), (None, &[cleared(&visit)][..]), "{elsewhere}");
    }
}

/// ASVS 3.5.3: a callback is the only safe request that signs in, and it requires a state.
#[tokio::test]
async fn other_methods_change_nothing() {
    let scene = Scene::whole().await;
    let visit = scene.visit().await;
    let contents = scene.stores.contents().await;
    for method in ["POST", "HEAD", "OPTIONS", "PUT"] {
        assert_eq!(scene.ask(&visit.request().method(method)).await.status, 405, "{method}");
    }
    assert_eq!(scene.provider.calls(), Calls { discovery: 1, ..Calls::default() }, "asked at the start only");
    assert_eq!(scene.stores.contents().await, contents);
}
