//! Every answer that the contract documents, whole.

use crate::support::{ALL, Scene, end, end_others, phone};
use insta::assert_snapshot;
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
async fn another_users_session_and_none_at_all_are_404() {
    let scene = Scene::fixed().await;
    let (browser, bobs) = (scene.browser_of("ada").await, scene.browser_of("bob").await);
    let foreign = scene.ask(&end(&browser, bobs.token.id().as_str())).await;
    assert_snapshot!(foreign);
    for id in ["x", Token::generate().unwrap().id().as_str()] {
        assert_eq!(scene.ask(&end(&browser, id)).await, foreign);
    }
}
