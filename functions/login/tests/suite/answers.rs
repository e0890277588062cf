//! Every answer that the contract documents, whole.

use crate::support::{EMAIL, PASSWORD, Scene, credentials, start};
use insta::assert_snapshot;
use scene::{Answer, Endpoint, Lie, Request};

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
async fn a_foreign_return_to_is_400() {
    assert_snapshot!(answer(&start().query("return_to=https%3A%2F%2Fevil.example")).await);
}

#[tokio::test]
async fn two_return_tos_are_400() {
    assert_snapshot!(answer(&start().query("return_to=%2F&return_to=%2F")).await);
}

#[tokio::test]
async fn a_start_that_fails_is_303_for_a_person() {
    assert_snapshot!(answer(&start().query("prompt=none&return_to=%2Finbox").navigated()).await);
}

#[tokio::test]
async fn a_wrong_password_is_401() {
    assert_snapshot!(answer(&credentials(EMAIL, "another password")).await);
}

#[tokio::test]
async fn an_unknown_provider_is_404() {
    assert_snapshot!(answer(&Request::get("/login/{provider}").parameter("provider", "nobody")).await);
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
    assert_snapshot!(scene.ask(&start()).await);
}
