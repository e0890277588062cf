//! Every answer that the contract documents, whole.

use crate::support::{CONFIRM, EMAIL, NEW, PASSWORD, Scene, change, confirm, forgotten};
use insta::assert_snapshot;
use scene::{Reply, Request};
use serde_json::json;
use users::Challenge;

async fn answer(request: &Request) -> Reply {
    Scene::fixed().await.ask(request).await
}

#[tokio::test]
async fn a_change_is_200_with_a_new_cookie() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&change(&scene.browser().await, PASSWORD, NEW)).await);
}

#[tokio::test]
async fn a_forgotten_password_is_202() {
    assert_snapshot!(answer(&forgotten(EMAIL)).await);
}

#[tokio::test]
async fn a_confirmation_is_204() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&confirm(&scene.mailed(EMAIL).await, NEW)).await);
}

#[tokio::test]
async fn a_confirmation_in_a_browser_that_is_signed_in_is_204_and_the_cookie_is_cleared() {
    let scene = Scene::fixed().await;
    let (browser, mail) = (scene.browser().await, scene.mailed(EMAIL).await);
    let request = browser.with_cookie(confirm(&mail, NEW)).header("x-csrf-token", &browser.token.csrf());
    assert_snapshot!(scene.ask(&request).await);
}

/// Unknown, malformed, expired and used are one answer.
#[tokio::test]
async fn a_token_that_is_good_for_nothing_is_400() {
    let mut scene = Scene::fixed().await;
    let unknown = scene.ask(&confirm(&Challenge::generate().unwrap(), NEW)).await;
    assert_snapshot!(unknown);
    let malformed = Request::post(CONFIRM).json(&json!({ "token": "no-token", "new_password": NEW }));
    let malformed = scene.ask(&malformed).await;
    let used = scene.mailed(EMAIL).await;
    assert_eq!(scene.ask(&confirm(&used, NEW)).await.status, 204);
    let used = scene.ask(&confirm(&used, PASSWORD)).await;
    let expired = scene.mailed(EMAIL).await;
    scene.pass(3600);
    let expired = scene.ask(&confirm(&expired, NEW)).await;
    assert_eq!([&malformed, &used, &expired], [&unknown; 3]);
}

#[tokio::test]
async fn a_wrong_current_password_is_401_and_the_cookie_stays() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&change(&scene.browser().await, "another password", NEW)).await);
}

#[tokio::test]
async fn an_address_that_is_none_is_422() {
    assert_snapshot!(answer(&forgotten("ada")).await);
}

#[tokio::test]
async fn a_new_password_that_is_too_long_is_422() {
    let scene = Scene::fixed().await;
    let long = "x".repeat(257);
    for request in [change(&scene.browser().await, PASSWORD, &long), confirm(&scene.mailed(EMAIL).await, &long)] {
        assert_snapshot!("a_new_password_that_is_too_long_is_422", scene.ask(&request).await);
    }
}

#[tokio::test]
async fn a_new_password_that_is_easily_guessed_is_422() {
    let scene = Scene::fixed().await;
    let weak = "password1234";
    for request in [change(&scene.browser().await, PASSWORD, weak), confirm(&scene.mailed(EMAIL).await, weak)] {
        assert_snapshot!("a_new_password_that_is_easily_guessed_is_422", scene.ask(&request).await);
    }
}

#[tokio::test]
async fn too_many_tries_are_429() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    let [wrong, forgotten, _] = [change(&browser, "another password", NEW), forgotten(EMAIL), forgotten(EMAIL)];
    for request in [wrong, forgotten] {
        let mut reply = scene.ask(&request).await;
        for _ in 0..10 {
            reply = if reply.status == 429 { reply } else { scene.ask(&request).await };
        }
        assert_snapshot!("too_many_tries_are_429", reply);
    }
}
