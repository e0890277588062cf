//! Every answer that the contract documents, whole.

use crate::support::Scene;
use insta::assert_snapshot;

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
async fn a_slide_that_is_neither_true_nor_false_is_400() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.get("/me").query("slide=maybe")).await);
}

#[tokio::test]
async fn two_slides_are_400() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.get("/me").query("slide=true&slide=false")).await);
}
