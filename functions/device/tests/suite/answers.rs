//! Every answer that the contract documents, whole.

use crate::support::{EMAIL, LOGIN, PASSWORD, Scene, app, credentials, logout, member, refresh};
use insta::assert_snapshot;
use scene::Request;
use serde_json::json;

async fn answer(request: &Request) -> scene::Reply {
    Scene::fixed().await.ask(request).await
}

/// What is different each time, under another name.
fn still(reply: &scene::Reply) -> String {
    let json = reply.json();
    let text = reply.to_string();
    ["access_token", "refresh_token"].iter().fold(text, |text, name| {
        json[name].as_str().map_or(text.clone(), |secret| text.replace(secret, &format!("[{name}]")))
    })
}

#[tokio::test]
async fn the_right_password_is_200_with_both_tokens_and_no_cookie() {
    assert_snapshot!(still(&answer(&credentials(EMAIL, PASSWORD)).await));
}

#[tokio::test]
async fn a_refresh_is_200_with_both_tokens() {
    let mut scene = Scene::fixed().await;
    let token = scene.phone().await;
    scene.pass(30);
    assert_snapshot!(still(&scene.ask(&refresh(&token)).await));
}

#[tokio::test]
async fn signing_out_is_204_whatever_the_token_is() {
    let scene = Scene::fixed().await;
    let token = scene.phone().await;
    let ended = scene.ask(&logout(&token)).await;
    assert_snapshot!(ended);
    for token in [&token, "none", &format!("{0}.{0}", "A".repeat(43))] {
        assert_eq!(scene.ask(&logout(token)).await, ended);
    }
}

/// Wrong password, unknown account.
#[tokio::test]
async fn a_wrong_password_is_401() {
    let scene = Scene::fixed().await;
    let refused = scene.ask(&credentials(EMAIL, "another password")).await;
    assert_eq!(scene.ask(&credentials("nobody@example.com", PASSWORD)).await, refused);
    assert_snapshot!(refused);
}

/// Unknown, malformed, spent and ended are one answer.
#[tokio::test]
async fn a_dead_refresh_token_is_401() {
    let mut scene = Scene::fixed().await;
    let (ended, first) = (scene.phone().await, scene.phone().await);
    scene.ask(&logout(&ended)).await;
    scene.pass(30);
    let second = member(&scene.ask(&refresh(&first)).await, "refresh_token");
    scene.ask(&refresh(&second)).await;
    scene.pass(30);
    let reused = scene.ask(&refresh(&first)).await;
    assert_snapshot!(reused);
    for token in [&first, &ended, "none", "", &format!("{0}.{0}", "A".repeat(43))] {
        assert_eq!(scene.ask(&refresh(token)).await, reused, "{token}");
    }
}

#[tokio::test]
async fn a_device_without_a_name_is_422() {
    let named = |name: &str| app(LOGIN, &json!({ "email": EMAIL, "password": PASSWORD, "device_name": name }));
    let nameless = answer(&named(" ")).await;
    assert_snapshot!(nameless);
    for name in ["a\nb", "\u{7f}", &"x".repeat(101)] {
        assert_eq!(answer(&named(name)).await.status, 422, "{name:?}");
    }
    assert_eq!(answer(&named(&"\u{e9}".repeat(100))).await.status, 200);
}

#[tokio::test]
async fn too_many_wrong_passwords_are_429() {
    let scene = Scene::fixed().await;
    for _ in 0..5 {
        assert_eq!(scene.ask(&credentials(EMAIL, "another password")).await.status, 401);
    }
    let refused = scene.ask(&credentials(EMAIL, PASSWORD)).await;
    assert_snapshot!(refused);
}
