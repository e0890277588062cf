//! The pages that a person sees for answers of which `answers` tests only the problem document.

use crate::support::{Scene, route};
use insta::assert_snapshot;
use scene::{COOKIE, Fault, Request};

fn navigation(request: Request) -> Request {
    request.without("accept").header("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
}

#[tokio::test]
async fn a_provider_that_is_none_is_a_page() {
    let scene = Scene::fixed().await;
    let request = Request::get("/callback/{provider}").parameter("provider", "nobody");
    assert_snapshot!(scene.ask(&navigation(request)).await);
}

#[tokio::test]
async fn a_parameter_that_is_there_twice_is_a_page() {
    let scene = Scene::fixed().await;
    let visit = scene.visit().await;
    let request = visit.with(format!("{}&code=x", visit.query)).request();
    assert_snapshot!(scene.ask(&navigation(request)).await);
}

#[tokio::test]
async fn two_session_cookies_are_a_page() {
    let scene = Scene::fixed().await;
    let request = scene.visit().await.request().cookie(COOKIE, "a").cookie(COOKIE, "b");
    assert_snapshot!(scene.ask(&navigation(request)).await);
}

#[tokio::test]
async fn a_store_that_fails_is_a_page_that_says_when_to_come_back() {
    let scene = Scene::fixed().await;
    let visit = scene.visit().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert_snapshot!(scene.ask(&navigation(visit.request())).await);
}

/// Browsers do not navigate with another method: a program sent it.
#[tokio::test]
async fn another_method_is_a_problem_document_whatever_is_accepted() {
    let scene = Scene::fixed().await;
    let reply = scene.ask(&navigation(route().method("POST"))).await;
    assert_eq!((reply.status, &*reply.problem(), reply.header("allow")), (405, "method-not-allowed", Some("GET")));
}
