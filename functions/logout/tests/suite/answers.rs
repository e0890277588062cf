//! Every answer that the contract documents, whole.

use crate::support::Scene;
use insta::assert_snapshot;
use scene::{Browser, COOKIE, Request};
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
