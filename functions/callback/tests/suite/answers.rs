//! Every answer that the contract documents, whole.

use crate::support::{Scene, route};
use insta::assert_snapshot;
use jiff::SignedDuration;
use scene::{Answer, Endpoint, Lie, Request};

#[tokio::test]
async fn a_login_is_302_with_the_cookie() {
    assert_snapshot!(Scene::fixed().await.log_in().await);
}

#[tokio::test]
async fn a_login_is_302_for_a_person_too() {
    let scene = Scene::fixed().await;
    let reply = scene.ask(&scene.visit().await.request().navigated()).await;
    assert_eq!((reply.status, reply.header("location")), (302, Some("https://app.example.com/inbox")));
}

#[tokio::test]
async fn a_callback_without_a_state_is_400() {
    assert_snapshot!(Scene::fixed().await.ask(&route()).await);
}

#[tokio::test]
async fn a_login_that_took_too_long_is_400() {
    let mut scene = Scene::fixed().await;
    let visit = scene.visit().await;
    scene.now += SignedDuration::from_secs(601);
    assert_snapshot!(scene.ask(&visit.request()).await);
}

#[tokio::test]
async fn a_provider_that_says_no_is_400() {
    let scene = Scene::fixed().await;
    let visit = scene.visit().await.without("code");
    let request = visit.with(format!("{}&error=access_denied", visit.query)).request();
    assert_snapshot!(scene.ask(&request).await);
}

#[tokio::test]
async fn a_parameter_that_is_there_twice_is_400() {
    let scene = Scene::fixed().await;
    let visit = scene.visit().await;
    assert_snapshot!(scene.ask(&visit.with(format!("{}&code=x", visit.query)).request()).await);
}

#[tokio::test]
async fn a_return_to_that_is_not_allowed_any_more_is_400() {
    let scene = Scene::fixed().await;
    let mut visit = scene.visit().await;
    visit.attempt.return_to = "https://evil.example/".to_owned();
    assert_snapshot!(scene.ask(&visit.request()).await);
}

#[tokio::test]
async fn an_unknown_provider_is_404() {
    let scene = Scene::fixed().await;
    let request = Request::get("/callback/{provider}").parameter("provider", "nobody");
    assert_snapshot!(scene.ask(&request).await);
}

#[tokio::test]
async fn an_address_with_an_account_that_may_not_be_joined_is_409() {
    let scene = Scene::fixed().await;
    scene.add("ana@example.com").await;
    scene.provider.lie(Lie::Claim("email_verified", false.into()));
    assert_snapshot!("an_address_with_an_account_is_409", scene.log_in().await);
}

#[tokio::test]
async fn a_provider_that_fails_is_502() {
    let scene = Scene::fixed().await;
    let visit = scene.visit().await;
    scene.provider.lie(Lie::Answer(Endpoint::Token, Answer::Status(500)));
    assert_snapshot!(scene.ask(&visit.request()).await);
}
