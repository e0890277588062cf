//! Every answer that the contract documents, whole.

use crate::support::{ROUTE, fixed};
use insta::assert_snapshot;
use scene::{Browser, COOKIE, Fault, Request};
use serde_json::json;
use session::Token;

#[tokio::test]
async fn a_live_session_is_200() {
    let scene = fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.post(ROUTE)).await);
}

#[tokio::test]
async fn a_session_that_slides_is_200_with_the_cookie() {
    let mut scene = fixed().await;
    let browser = scene.browser().await;
    scene.pass(300);
    assert_snapshot!(scene.ask(&browser.post(ROUTE).json(&json!({ "audience": "reports" }))).await);
}

#[tokio::test]
async fn a_malformed_body_is_400() {
    let scene = fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.post(ROUTE).json(&json!({ "audiences": "api" }))).await);
}

#[tokio::test]
async fn two_session_cookies_are_400() {
    let scene = fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.post(ROUTE).cookie(COOKIE, "planted")).await);
}

#[tokio::test]
async fn without_a_cookie_it_is_401() {
    assert_snapshot!(fixed().await.ask(&Request::post(ROUTE)).await);
}

/// Absent, expired, revoked and malformed are one answer.
#[tokio::test]
async fn a_dead_session_is_401_and_the_cookie_stays() {
    let mut scene = fixed().await;
    let made_up = scene.ask(&Browser { token: Token::generate().unwrap() }.post(ROUTE)).await;
    assert_snapshot!(made_up);
    let malformed = scene.ask(&Request::post(ROUTE).cookie(COOKIE, "no-token")).await;
    let (revoked, expired) = (scene.browser().await, scene.browser().await);
    scene.sessions().revoke(&revoked.token, scene.now).await.unwrap();
    let revoked = scene.ask(&revoked.post(ROUTE)).await;
    scene.pass(12 * 3600);
    let expired = scene.ask(&expired.post(ROUTE)).await;
    assert_eq!([&malformed, &revoked, &expired], [&made_up; 3]);
}

#[tokio::test]
async fn a_foreign_origin_is_403() {
    let scene = fixed().await;
    let request = scene.browser().await.post(ROUTE).without("origin").header("origin", "null");
    assert_snapshot!(scene.ask(&request).await);
}

#[tokio::test]
async fn a_missing_csrf_token_is_403() {
    let scene = fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.post(ROUTE).without("x-csrf-token")).await);
}

#[tokio::test]
async fn another_method_is_405() {
    assert_snapshot!(fixed().await.ask(&Request::get(ROUTE)).await);
}

#[tokio::test]
async fn a_body_of_more_than_16_kibibytes_is_413() {
    let scene = fixed().await;
    let body = json!({ "audience": "x".repeat(16 * 1024) });
    assert_snapshot!(scene.ask(&scene.browser().await.post(ROUTE).json(&body)).await);
}

#[tokio::test]
async fn a_form_is_415() {
    let scene = fixed().await;
    let form = scene.browser().await.post(ROUTE).text("audience=api");
    assert_snapshot!(scene.ask(&form.header("content-type", "application/x-www-form-urlencoded")).await);
}

#[tokio::test]
async fn an_unknown_audience_is_422() {
    let scene = fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.post(ROUTE).json(&json!({ "audience": "billing" }))).await);
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_the_cookie_stays() {
    let scene = fixed().await;
    let browser = scene.browser().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert_snapshot!(scene.ask(&browser.post(ROUTE)).await);
}
