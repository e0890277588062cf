//! Every answer that the contract documents, whole.

use crate::support::{EMAIL, PASSWORD, Scene, VERIFY, proof, wanted};
use insta::assert_snapshot;
use scene::{Reply, Request};
use serde_json::json;
use users::Challenge;

async fn answer(request: &Request) -> Reply {
    Scene::fixed().await.ask(request).await
}

#[tokio::test]
async fn a_registration_is_202() {
    assert_snapshot!(answer(&wanted(EMAIL, PASSWORD)).await);
}

#[tokio::test]
async fn a_proof_is_201_with_the_cookie() {
    let scene = Scene::fixed().await;
    let mail = scene.mailed(EMAIL).await;
    assert_snapshot!(scene.ask(&proof(&mail)).await);
}

/// Unknown, malformed and expired are one answer.
#[tokio::test]
async fn a_token_that_is_good_for_nothing_is_400() {
    let mut scene = Scene::fixed().await;
    let unknown = scene.ask(&proof(&Challenge::generate().unwrap())).await;
    assert_snapshot!(unknown);
    let malformed = scene.ask(&Request::post(VERIFY).json(&json!({ "token": "no-token" }))).await;
    let expired = scene.mailed("eve@example.com").await;
    scene.pass(3600);
    let expired = scene.ask(&proof(&expired)).await;
    assert_eq!([&malformed, &expired], [&unknown; 2]);
}

#[tokio::test]
async fn an_address_that_got_an_account_meanwhile_is_409() {
    let scene = Scene::fixed().await;
    let mail = scene.mailed(EMAIL).await;
    scene.add(EMAIL, None).await;
    assert_snapshot!(scene.ask(&proof(&mail)).await);
}

#[tokio::test]
async fn an_address_that_is_none_is_422() {
    assert_snapshot!(answer(&wanted("ada", PASSWORD)).await);
}

#[tokio::test]
async fn a_password_that_is_too_long_is_422() {
    assert_snapshot!(answer(&wanted(EMAIL, &"x".repeat(257))).await);
}

#[tokio::test]
async fn a_password_that_is_easily_guessed_is_422() {
    assert_snapshot!(answer(&wanted(EMAIL, "password1234")).await);
}

#[tokio::test]
async fn a_name_that_is_none_is_422() {
    let named = json!({ "email": EMAIL, "password": PASSWORD, "name": " \t " });
    assert_snapshot!(answer(&wanted(EMAIL, PASSWORD).json(&named)).await);
}

#[tokio::test]
async fn too_many_registrations_are_429() {
    let scene = Scene::fixed().await;
    for _ in 0..5 {
        assert_eq!(scene.ask(&wanted(EMAIL, PASSWORD)).await.status, 202);
    }
    // The last free one starts the wait.
    let mut reply = scene.ask(&wanted(EMAIL, PASSWORD)).await;
    if reply.status == 202 {
        reply = scene.ask(&wanted(EMAIL, PASSWORD)).await;
    }
    assert_snapshot!(reply);
}
