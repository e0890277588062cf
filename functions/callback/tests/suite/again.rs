//! A browser that has finished an attempt asks for the same callback once more: a double click, a reload, a step back.

use crate::support::{Scene, Visit, receipt};
use jiff::SignedDuration;
use oidc::Receipt;
use scene::{Logs, Reply, Request};

impl Visit {
    /// The request of a browser that has this in the cookie.
    fn with_kept(&self, value: &str) -> Request {
        self.without_cookie().cookie(&self.cookie_name(), value)
    }
}

impl Scene {
    /// Sends a request that only leads to where the browser was before: no session begins, and neither store nor provider is asked.
    async fn leads_on(&self, request: &Request) -> Reply {
        let (contents, calls) = (self.stores.contents().await, self.provider.calls());
        let stored = self.stores.dynamo_proxy.calls();
        let logs = Logs::capture();
        let reply = self.ask(request).await;
        assert_eq!((reply.status, reply.header("location")), (303, Some("https://app.example.com/inbox")), "{reply:?}");
        assert_eq!((&*reply.cookies, logs.of("audit").len()), (&[][..], 0), "{reply:?}");
        assert_eq!((self.stores.dynamo_proxy.calls(), self.provider.calls()), (stored, calls));
        assert_eq!(self.stores.contents().await, contents);
        reply
    }
}

#[tokio::test]
async fn a_browser_that_has_just_signed_in_is_sent_on_once_more() {
    let scene = Scene::whole().await;
    let visit = scene.visit().await;
    let first = scene.ask(&visit.request()).await;
    let name = visit.cookie_name();
    let line = first.cookies.iter().find(|cookie| cookie.starts_with(&name)).unwrap();
    assert!(line.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=120"), "{line}");
    let again = visit.with_kept(first.cookie(&name).unwrap());
    for request in [again.clone(), again.clone().navigated(), again.cookie(scene::COOKIE, "signed-out-meanwhile")] {
        scene.leads_on(&request).await;
    }
}

#[tokio::test]
async fn so_is_one_that_has_just_added_a_provider() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let (browser, visit) = scene.linking(&bob).await;
    let first = scene.ask(&browser.with_cookie(visit.request())).await;
    let again = visit.with_kept(first.cookie(&visit.cookie_name()).unwrap());
    scene.leads_on(&browser.with_cookie(again.clone())).await;
    scene.leads_on(&again).await;
}

/// ASVS 10.2.1: what the browser has seen of the first answer is what counts.
#[tokio::test]
async fn without_the_receipt_a_replay_is_refused_as_ever() {
    let scene = Scene::whole().await;
    let (visit, another) = (scene.visit().await, scene.visit().await);
    let first = scene.ask(&visit.request()).await;
    let value = first.cookie(&visit.cookie_name()).unwrap();
    let elsewhere = another.with_kept(value).query(&visit.query);
    for request in [visit.without_cookie(), elsewhere, visit.with_kept("")] {
        let reply = scene.ask(&request).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "login-expired"), "{request:?}");
    }
    let planted = scene.ask(&visit.with_kept(value).cookie(&visit.cookie_name(), value)).await;
    assert_eq!((planted.status, &*planted.problem()), (400, "duplicate-cookie"));
}

#[tokio::test]
async fn a_receipt_leads_on_for_two_minutes() {
    for (seconds, good) in [(120, true), (121, false), (86_400, false), (-61, false)] {
        let mut scene = Scene::small().await;
        let visit = scene.visit().await;
        let first = scene.ask(&visit.request()).await;
        let again = visit.with_kept(first.cookie(&visit.cookie_name()).unwrap());
        scene.now += SignedDuration::from_secs(seconds);
        if good {
            scene.leads_on(&again).await;
        } else {
            assert_eq!(scene.ask(&again).await.problem(), "login-expired", "{seconds}");
        }
    }
}

/// ASVS 3.7.2: it is the browser's, like the attempt.
#[tokio::test]
async fn where_a_receipt_leads_is_judged_again() {
    let scene = Scene::small().await;
    let visit = scene.visit().await;
    for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""] {
        let receipt = Receipt { return_to: elsewhere.to_owned(), finished_at: scene.now };
        let reply = scene.ask(&visit.with_kept(&receipt.encode())).await;
        assert_eq!(
            (reply.status, &*reply.problem(), reply.header("location")),
            (400, "bad-request", None),
            "{elsewhere}"
        );
    }
}

#[tokio::test]
async fn a_login_that_fails_leaves_no_receipt() {
    let scene = Scene::small().await;
    let visit = scene.visit().await.without("code");
    let reply = scene.ask(&visit.request()).await;
    assert_eq!((reply.cookie(&visit.cookie_name()), receipt(&reply, &visit)), (Some(""), None));
}
