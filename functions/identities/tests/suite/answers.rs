//! Every answer that the contract documents, whole.

use crate::support::{EMAIL, LIST, ONE, Scene, removal, somebody};
use insta::assert_snapshot;
use scene::{Browser, COOKIE, Fault, Request};
use session::Token;

#[tokio::test]
async fn the_ways_in_are_200() {
    let mut scene = Scene::fixed().await;
    let browser = scene.browser().await;
    scene.pass(1);
    scene.users.with_identity(&somebody("ada"), |_| unreachable!("nobody is joined"), scene.now).await.unwrap();
    assert_snapshot!(scene.ask(&browser.get(LIST)).await);
}

#[tokio::test]
async fn an_address_without_a_password_is_one_of_them() {
    let scene = Scene::fixed().await;
    scene.without_password().await;
    assert_snapshot!(scene.ask(&scene.browser().await.get(LIST)).await);
}

#[tokio::test]
async fn a_session_that_slides_is_200_or_204_with_the_cookie() {
    let mut scene = Scene::fixed().await;
    let (one, other) = (scene.browser().await, scene.browser().await);
    scene.pass(300);
    let listed = scene.ask(&one.get(LIST)).await;
    assert_eq!((listed.status, listed.cookie(COOKIE)), (200, Some(&**one.token.expose())));
    assert_snapshot!(scene.ask(&removal(&other, &scene.linked().await)).await);
}

#[tokio::test]
async fn a_way_that_is_taken_away_is_204() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&removal(&scene.browser().await, &scene.linked().await)).await);
}

#[tokio::test]
async fn two_session_cookies_are_400() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    let listed = scene.ask(&browser.get(LIST).cookie(COOKIE, "planted")).await;
    assert_snapshot!(listed);
    assert_eq!(scene.ask(&removal(&browser, &scene.linked().await).cookie(COOKIE, "planted")).await, listed);
}

#[tokio::test]
async fn without_a_cookie_it_is_401() {
    let scene = Scene::fixed().await;
    let listed = scene.ask(&Request::get(LIST)).await;
    assert_snapshot!(listed);
    assert_eq!(scene.ask(&Request::post(ONE).method("DELETE").parameter("id", "x")).await, listed);
}

/// Absent, expired, revoked and malformed are one answer.
#[tokio::test]
async fn a_dead_session_is_401_and_the_cookie_stays() {
    let mut scene = Scene::fixed().await;
    let id = scene.linked().await;
    let made_up = Browser { token: Token::generate().unwrap() };
    let listed = scene.ask(&made_up.get(LIST)).await;
    assert_snapshot!(listed);
    let (revoked, expired) = (scene.browser().await, scene.browser().await);
    scene.sessions().revoke(&revoked.token, scene.now).await.unwrap();
    scene.pass(12 * 3600);
    for browser in [made_up, revoked, expired] {
        assert_eq!(scene.ask(&browser.get(LIST)).await, listed);
        assert_eq!(scene.ask(&removal(&browser, &id)).await, listed);
    }
    assert_eq!(scene.ask(&Request::get(LIST).cookie(COOKIE, "no-token")).await, listed);
}

#[tokio::test]
async fn a_foreign_origin_is_403() {
    let scene = Scene::fixed().await;
    let request = removal(&scene.browser().await, &scene.linked().await).without("origin");
    assert_snapshot!(scene.ask(&request.header("origin", "null")).await);
}

#[tokio::test]
async fn a_missing_csrf_token_is_403() {
    let scene = Scene::fixed().await;
    let request = removal(&scene.browser().await, &scene.linked().await).without("x-csrf-token");
    assert_snapshot!(scene.ask(&request).await);
}

/// ASVS 7.5.1.
#[tokio::test]
async fn a_session_of_15_minutes_is_403() {
    let mut scene = Scene::fixed().await;
    let (browser, id) = (scene.browser().await, scene.linked().await);
    scene.pass(15 * 60);
    assert_snapshot!(scene.ask(&removal(&browser, &id)).await);
    scene.pass(-1);
    assert_eq!(scene.ask(&removal(&browser, &id)).await.status, 204);
}

/// Another's, unknown and gone are one answer.
#[tokio::test]
async fn a_way_that_the_caller_does_not_have_is_404() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    let unknown = scene.ask(&removal(&browser, "unknown")).await;
    assert_snapshot!(unknown);
    let other = scene.add("bob@example.com").await;
    assert_eq!(scene.ask(&removal(&browser, &scene.id_of(&other, "bob@example.com").await)).await, unknown);
    let id = scene.linked().await;
    assert_eq!(scene.ask(&removal(&browser, &id)).await.status, 204);
    assert_eq!(scene.ask(&removal(&browser, &id)).await, unknown);
}

#[tokio::test]
async fn another_method_is_405() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    assert_snapshot!("another_method_for_all_is_405", scene.ask(&browser.post(LIST)).await);
    let request = removal(&browser, &scene.linked().await).method("GET");
    assert_snapshot!("another_method_for_one_is_405", scene.ask(&request).await);
}

#[tokio::test]
async fn the_address_and_the_last_way_in_are_409() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    let address = scene.ask(&removal(&browser, &scene.id_of(&scene.user_id, EMAIL).await)).await;
    assert_snapshot!(address);
    scene.without_password().await;
    assert_eq!(scene.ask(&removal(&browser, &scene.linked().await)).await, address);
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_the_cookie_stays() {
    let scene = Scene::fixed().await;
    let (browser, id) = (scene.browser().await, scene.linked().await);
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    let listed = scene.ask(&browser.get(LIST)).await;
    assert_snapshot!(listed);
    assert_eq!(scene.ask(&removal(&browser, &id)).await, listed);
}
