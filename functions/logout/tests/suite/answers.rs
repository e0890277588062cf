//! Every answer that the contract documents, whole.

use crate::support::Scene;
use insta::assert_snapshot;
use scene::{Browser, COOKIE, Fault, Request};
use session::Token;

#[tokio::test]
async fn the_end_of_a_session_is_204_and_clears_the_cookie() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.post("/logout")).await);
}

#[tokio::test]
async fn the_end_of_all_sessions_is_204_and_clears_the_cookie() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.post("/logout/all")).await);
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_end_which_is_204() {
    let scene = Scene::fixed().await;
    let nobody = scene.ask(&Request::post("/logout")).await;
    let malformed = scene.ask(&Request::post("/logout").cookie(COOKIE, "no-token")).await;
    let made_up = scene.ask(&Browser { token: Token::generate().unwrap() }.post("/logout")).await;
    assert_snapshot!(nobody);
    assert_eq!((&nobody, &nobody), (&malformed, &made_up));
}

#[tokio::test]
async fn without_a_session_nobody_is_known_whose_sessions_could_end() {
    let scene = Scene::fixed().await;
    let nobody = scene.ask(&Request::post("/logout/all")).await;
    assert_snapshot!("signed_out_is_401", nobody);
    let malformed = scene.ask(&Request::post("/logout/all").cookie(COOKIE, "no-token")).await;
    let made_up = scene.ask(&Browser { token: Token::generate().unwrap() }.post("/logout/all")).await;
    let browser = scene.browser().await;
    scene.ask(&browser.post("/logout")).await;
    let dead = scene.ask(&browser.post("/logout/all")).await;
    assert_eq!([&nobody; 3], [&malformed, &made_up, &dead]);
}

#[tokio::test]
async fn two_session_cookies_are_400() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    assert_snapshot!(scene.ask(&browser.post("/logout").cookie(COOKIE, "planted")).await);
}

#[tokio::test]
async fn a_foreign_origin_is_403() {
    let scene = Scene::fixed().await;
    let request = scene.browser().await.post("/logout").without("origin").header("origin", "https://evil.example");
    assert_snapshot!(scene.ask(&request).await);
}

#[tokio::test]
async fn a_missing_csrf_token_is_403() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.post("/logout/all").without("x-csrf-token")).await);
}

#[tokio::test]
async fn another_method_is_405() {
    assert_snapshot!(Scene::fixed().await.ask(&Request::get("/logout")).await);
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_the_cookie_stays() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    let one = scene.ask(&browser.post("/logout")).await;
    assert_snapshot!(one);
    assert_eq!(scene.ask(&browser.post("/logout/all")).await, one);
}
