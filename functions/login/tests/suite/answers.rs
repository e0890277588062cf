//! Every answer that the contract documents, whole.

use crate::support::{EMAIL, PASSWORD, Scene, credentials, start};
use insta::assert_snapshot;
use scene::{Answer, COOKIE, Endpoint, Fault, Lie, Request};

fn navigation(request: Request) -> Request {
    request.without("accept").header("accept", "text/html,*/*;q=0.8")
}

async fn answer(request: &Request) -> scene::Reply {
    Scene::fixed().await.ask(request).await
}

#[tokio::test]
async fn the_right_password_is_200_with_the_cookie() {
    assert_snapshot!(answer(&credentials(EMAIL, PASSWORD)).await);
}

#[tokio::test]
async fn a_provider_is_302_with_the_attempt() {
    assert_snapshot!(answer(&start()).await);
}

#[tokio::test]
async fn where_to_go_afterwards_is_kept_with_the_attempt() {
    assert_snapshot!(answer(&start().query("return_to=%2Finbox%3Fx%3D1")).await);
}

#[tokio::test]
async fn a_malformed_body_is_400() {
    assert_snapshot!(answer(&credentials(EMAIL, PASSWORD).text(r#"{"email":"#)).await);
}

#[tokio::test]
async fn two_session_cookies_are_400() {
    assert_snapshot!(answer(&credentials(EMAIL, PASSWORD).cookie(COOKIE, "a").cookie(COOKIE, "b")).await);
}

#[tokio::test]
async fn a_foreign_return_to_is_400() {
    assert_snapshot!(answer(&start().query("return_to=https%3A%2F%2Fevil.example")).await);
}

#[tokio::test]
async fn two_return_tos_are_400_and_a_page_for_a_person() {
    assert_snapshot!(answer(&navigation(start().query("return_to=%2F&return_to=%2F"))).await);
}

#[tokio::test]
async fn a_wrong_password_is_401() {
    assert_snapshot!(answer(&credentials(EMAIL, "another password")).await);
}

#[tokio::test]
async fn a_foreign_origin_is_403() {
    let request = credentials(EMAIL, PASSWORD).without("origin").header("origin", "https://evil.example");
    assert_snapshot!(answer(&request).await);
}

#[tokio::test]
async fn a_live_session_without_its_csrf_token_is_403() {
    let scene = Scene::fixed().await;
    let browser = scene.sign_in().await;
    assert_snapshot!(scene.ask(&browser.with_cookie(credentials(EMAIL, PASSWORD))).await);
}

#[tokio::test]
async fn an_unknown_provider_is_404() {
    assert_snapshot!(answer(&Request::get("/login/{provider}").parameter("provider", "nobody")).await);
}

#[tokio::test]
async fn another_method_for_the_password_is_405() {
    assert_snapshot!(answer(&Request::get("/login")).await);
}

#[tokio::test]
async fn another_method_for_the_provider_is_405() {
    assert_snapshot!(answer(&start().method("PUT")).await);
}

#[tokio::test]
async fn a_body_of_more_than_16_kibibytes_is_413() {
    assert_snapshot!(answer(&credentials(EMAIL, &"x".repeat(16 * 1024))).await);
}

#[tokio::test]
async fn a_form_is_415() {
    let request = credentials(EMAIL, PASSWORD).without("content-type");
    assert_snapshot!(answer(&request.header("content-type", "application/x-www-form-urlencoded")).await);
}

#[tokio::test]
async fn an_address_that_is_none_is_422() {
    assert_snapshot!(answer(&credentials("ada", PASSWORD)).await);
}

#[tokio::test]
async fn a_password_that_is_too_long_is_422() {
    assert_snapshot!(answer(&credentials(EMAIL, &"x".repeat(257))).await);
}

#[tokio::test]
async fn the_try_after_the_fifth_wrong_password_is_429() {
    let scene = Scene::fixed().await;
    for _ in 0..5 {
        scene.ask(&credentials(EMAIL, "another password")).await;
    }
    assert_snapshot!(scene.ask(&credentials(EMAIL, PASSWORD)).await);
}

#[tokio::test]
async fn a_provider_that_fails_is_502() {
    let scene = Scene::fixed().await;
    scene.provider.lie(Lie::Answer(Endpoint::Discovery, Answer::Status(500)));
    assert_snapshot!("a_provider_that_fails_is_502", scene.ask(&start()).await);
    assert_snapshot!("a_provider_that_fails_is_502_and_a_page", scene.ask(&navigation(start())).await);
}

#[tokio::test]
async fn a_store_that_fails_is_503() {
    let scene = Scene::fixed().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert_snapshot!(scene.ask(&credentials(EMAIL, PASSWORD)).await);
}
