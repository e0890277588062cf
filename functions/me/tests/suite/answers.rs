//! Every answer that the contract documents, whole.

use crate::support::Scene;
use insta::assert_snapshot;
use scene::{Browser, COOKIE, Fault, Request};
use session::Token;

#[tokio::test]
async fn a_live_session_is_200() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.get("/me")).await);
}

#[tokio::test]
async fn a_session_that_slides_is_200_with_the_cookie() {
    let mut scene = Scene::fixed().await;
    let browser = scene.browser().await;
    scene.pass(300);
    assert_snapshot!(scene.ask(&browser.get("/me")).await);
}

#[tokio::test]
async fn without_a_cookie_it_is_401() {
    assert_snapshot!(Scene::fixed().await.ask(&Request::get("/me")).await);
}

/// Absent, expired, revoked and malformed are one answer.
#[tokio::test]
async fn a_dead_session_is_401_and_the_cookie_stays() {
    let mut scene = Scene::fixed().await;
    let made_up = scene.ask(&Browser { token: Token::generate().unwrap() }.get("/me")).await;
    assert_snapshot!(made_up);
    let malformed = scene.ask(&Request::get("/me").cookie(COOKIE, "no-token")).await;
    let (revoked, expired) = (scene.browser().await, scene.browser().await);
    scene.sessions().revoke(&revoked.token, scene.now).await.unwrap();
    let revoked = scene.ask(&revoked.get("/me")).await;
    scene.pass(12 * 3600);
    let expired = scene.ask(&expired.get("/me")).await;
    assert_eq!([&malformed, &revoked, &expired], [&made_up; 3]);
}

#[tokio::test]
async fn a_slide_that_is_neither_true_nor_false_is_400() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.get("/me").query("slide=maybe")).await);
}

#[tokio::test]
async fn two_slides_are_400() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.get("/me").query("slide=true&slide=false")).await);
}

#[tokio::test]
async fn two_session_cookies_are_400() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.get("/me").cookie(COOKIE, "planted")).await);
}

#[tokio::test]
async fn another_method_is_405() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.post("/me")).await);
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_the_cookie_stays() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert_snapshot!(scene.ask(&browser.get("/me")).await);
}
