//! Every answer that the contract documents, whole.

use crate::support::{ALL, ONE, Scene, end, end_others, phone};
use insta::assert_snapshot;
use scene::{Browser, COOKIE, Fault, Request};
use session::Token;

#[tokio::test]
async fn the_list_is_200() {
    let mut scene = Scene::fixed().await;
    phone(&scene).await;
    scene.pass(60);
    let browser = scene.browser_of("ada").await;
    assert_snapshot!(scene.ask(&browser.get(ALL)).await);
}

#[tokio::test]
async fn a_session_that_slides_is_200_with_the_cookie() {
    let mut scene = Scene::fixed().await;
    let browser = scene.browser_of("ada").await;
    scene.pass(300);
    assert_snapshot!(scene.ask(&browser.get(ALL)).await);
}

#[tokio::test]
async fn an_ended_session_is_204_and_so_is_the_repeat() {
    let scene = Scene::fixed().await;
    let (browser, other) = (scene.browser_of("ada").await, scene.browser_of("ada").await);
    let first = scene.ask(&end(&browser, other.token.id().as_str())).await;
    assert_eq!(scene.ask(&end(&browser, other.token.id().as_str())).await, first);
    assert_snapshot!(first);
}

#[tokio::test]
async fn the_own_session_is_204_and_the_cookie_is_cleared() {
    let scene = Scene::fixed().await;
    let browser = scene.browser_of("ada").await;
    assert_snapshot!(scene.ask(&end(&browser, browser.token.id().as_str())).await);
}

#[tokio::test]
async fn all_others_are_204() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&end_others(&scene.browser_of("ada").await)).await);
}

#[tokio::test]
async fn two_session_cookies_are_400() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&scene.browser_of("ada").await.get(ALL).cookie(COOKIE, "planted")).await);
}

/// Absent, expired, revoked and malformed are one answer.
#[tokio::test]
async fn a_dead_session_is_401_and_the_cookie_stays() {
    let mut scene = Scene::fixed().await;
    let made_up = Browser { token: Token::generate().unwrap() };
    let (revoked, expired) = (scene.browser_of("ada").await, scene.browser_of("ada").await);
    scene.sessions().revoke(&revoked.token, scene.now).await.unwrap();
    let id = scene.browser_of("ada").await.token.id();
    let dead = scene.ask(&made_up.get(ALL)).await;
    assert_snapshot!(dead);
    for browser in [&made_up, &revoked] {
        for request in [browser.get(ALL), end(browser, id.as_str()), end_others(browser)] {
            assert_eq!(scene.ask(&request).await, dead, "{request:?}");
        }
    }
    scene.pass(12 * 3600);
    for request in [expired.get(ALL), end(&expired, id.as_str()), end_others(&expired)] {
        assert_eq!(scene.ask(&request).await, dead, "{request:?}");
    }
    assert_snapshot!("without_a_cookie_it_is_401", scene.ask(&Request::get(ALL)).await);
}

#[tokio::test]
async fn a_foreign_origin_is_403() {
    let scene = Scene::fixed().await;
    let request = end_others(&scene.browser_of("ada").await).without("origin").header("origin", "null");
    assert_snapshot!(scene.ask(&request).await);
}

#[tokio::test]
async fn a_missing_csrf_token_is_403() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&end_others(&scene.browser_of("ada").await).without("x-csrf-token")).await);
}

#[tokio::test]
async fn a_sign_in_of_15_minutes_ago_is_403() {
    let mut scene = Scene::fixed().await;
    let (browser, other) = (scene.browser_of("ada").await, scene.browser_of("ada").await);
    scene.pass(15 * 60);
    let refused = scene.ask(&end(&browser, other.token.id().as_str())).await;
    assert_eq!(scene.ask(&end_others(&browser)).await, refused);
    assert_snapshot!(refused);
}

#[tokio::test]
async fn another_users_session_and_none_at_all_are_404() {
    let scene = Scene::fixed().await;
    let (browser, bobs) = (scene.browser_of("ada").await, scene.browser_of("bob").await);
    let foreign = scene.ask(&end(&browser, bobs.token.id().as_str())).await;
    assert_snapshot!(foreign);
    for id in ["x", Token::generate().unwrap().id().as_str()] {
        assert_eq!(scene.ask(&end(&browser, id)).await, foreign);
    }
}

#[tokio::test]
async fn another_method_is_405() {
    let scene = Scene::fixed().await;
    assert_snapshot!("another_method_for_all_is_405", scene.ask(&Request::post(ALL)).await);
    assert_snapshot!("another_method_for_one_is_405", scene.ask(&Request::get(ONE).parameter("id", "x")).await);
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_the_cookie_stays() {
    let scene = Scene::fixed().await;
    let browser = scene.browser_of("ada").await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    let failed = scene.ask(&browser.get(ALL)).await;
    for request in [end_others(&browser), end(&browser, browser.token.id().as_str())] {
        assert_eq!(scene.ask(&request).await, failed);
    }
    assert_snapshot!(failed);
}
