//! `COOKIE_SAMESITE=Strict`: the provider's redirect brings no session cookie, so the browser comes twice.

use crate::support::{Scene, Visit, receipt, route, token};
use insta::assert_snapshot;
use jiff::SignedDuration;
use scene::{Browser, COOKIE, Logs, Request, Stores, now, then};
use session::Slide;

async fn scene(same_site: &str) -> Scene {
    Scene::with(Stores::start().await, now(), &[("COOKIE_SAMESITE", same_site)]).await
}

/// As the provider's redirect arrives.
fn redirected(request: Request) -> Request {
    request.navigated().header("sec-fetch-site", "cross-site").header("sec-fetch-mode", "navigate")
}

/// As the page in between asks again.
fn reloaded(request: Request) -> Request {
    request.navigated().header("sec-fetch-site", "same-origin").header("sec-fetch-mode", "navigate")
}

#[tokio::test]
async fn the_page_in_between_asks_again_and_has_nothing_that_its_policy_forbids() {
    let scene = Scene::with(Stores::without_redis().await, then(), &[("COOKIE_SAMESITE", "Strict")]).await;
    let reply = scene.ask(&redirected(scene.visit().await.request())).await;
    assert_snapshot!(reply);
    for forbidden in ["<script", "<style", "style=", "src=", "<form", "<img", "<link", "<base"] {
        assert!(!reply.body.contains(forbidden), "{forbidden}");
    }
}

/// Neither the attempt nor anything else: what the browser kept back would be missing.
#[tokio::test]
async fn the_redirect_of_another_site_is_not_even_read() {
    let scene = scene("Strict").await;
    let visit = scene.visit().await;
    let (contents, calls) = (scene.stores.contents().await, scene.provider.calls());
    for request in [
        visit.request(),
        visit.without_cookie(),
        visit.request().cookie(&visit.cookie_name(), "planted"),
        visit.request().cookie(COOKIE, "a").cookie(COOKIE, "b"),
        visit.request().fill("nobody"),
        route(),
    ] {
        let logs = Logs::capture();
        let reply = scene.ask(&redirected(request)).await;
        assert_eq!((reply.status, reply.cookies.len(), logs.of("audit").len()), (200, 0, 0), "{reply:?}");
    }
    assert_eq!((scene.stores.contents().await, scene.provider.calls()), (contents, calls));
}

/// ASVS 7.2.4: the second request brings the session cookie, which the new session replaces.
#[tokio::test]
async fn the_second_request_signs_in_and_is_the_last() {
    let mut scene = scene("Strict").await;
    let old = token(&scene.log_in().await);
    scene.now += SignedDuration::from_secs(5);
    scene.provider.set_clock(scene.now);
    let visit = scene.visit().await;
    assert_eq!(scene.ask(&redirected(visit.request())).await.status, 200);
    let reply = scene.ask(&reloaded(Browser { token: old.clone() }.with_cookie(visit.request()))).await;
    assert_eq!((reply.status, receipt(&reply, &visit).is_some()), (302, true), "{reply:?}");
    assert!(reply.cookies[0].contains("; SameSite=Strict"), "{reply:?}");
    let lives = scene.sessions().authenticate(&old, Slide::No, scene.now).await.unwrap();
    assert!(lives.is_none());
}

/// ASVS 10.2.1: without the session cookie no way in would be added.
#[tokio::test]
async fn the_second_request_adds_a_provider() {
    let scene = scene("Strict").await;
    let bob = scene.add("bob@example.com").await;
    let (browser, visit) = scene.linking(&bob).await;
    assert_eq!(scene.ask(&redirected(visit.request())).await.status, 200);
    let reply = scene.ask(&reloaded(browser.with_cookie(visit.request()))).await;
    assert_eq!((reply.status, scene.owner().await), (302, Some(bob.into())), "{reply:?}");
}

#[tokio::test]
async fn every_other_request_is_answered_at_once() {
    let answered = async |same_site: &str, request: fn(Visit) -> Request| {
        let scene = scene(same_site).await;
        let visit = scene.visit().await;
        assert_eq!(scene.ask(&request(visit)).await.status, 302, "{same_site}");
    };
    for same_site in ["None", "Lax"] {
        answered(same_site, |visit| redirected(visit.request())).await;
    }
    answered("Strict", |visit| visit.request().navigated()).await;
    answered("Strict", |visit| visit.request().navigated().header("sec-fetch-site", "same-site")).await;
    answered("Strict", |visit| visit.request().navigated().header("sec-fetch-site", "none")).await;
}
