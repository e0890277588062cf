//! What the function reveals, and what its log does not. ASVS 14.2.1, 16.2.5.

use crate::support::{LIST, PASSWORD, Scene, removal};
use scene::{Logs, Stores, now};
use serde_json::json;

/// The subject at a provider and the hash of a password are secret, even from the user's browser.
#[tokio::test]
async fn an_identity_is_told_without_its_subject_and_its_hash() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let reply = scene.ask(&scene.browser().await.get(LIST)).await;
    for secret in ["argon2", "oidc#", "https://id.example", "email#", PASSWORD, &scene.user_id] {
        assert!(!reply.body.contains(secret), "{secret} in {reply:?}");
    }
    let mut members: Vec<_> = reply.json()["identities"][1].as_object().unwrap().keys().cloned().collect();
    members.sort();
    assert_eq!(members, ["created_at", "email", "id", "kind", "last_used_at", "provider"]);
}

#[tokio::test]
async fn no_secret_of_a_removal_is_in_any_line() {
    let mut scene = Scene::new(Stores::start().await, now()).await;
    let (browser, id) = (scene.browser().await, scene.linked().await);
    scene.pass(600);
    let logs = Logs::capture();
    assert_eq!(scene.ask(&browser.get(LIST)).await.status, 200);
    assert_eq!(scene.ask(&removal(&browser, &id)).await.status, 204);
    let row = scene.stores.row("user_identities", ("identity", "email#ada@example.com")).await.unwrap();
    scene.stores.go_away().await;
    assert_eq!(scene.ask(&removal(&browser, &id)).await.status, 503);
    let text = logs.text();
    let hash = row["password_hash"].as_str().unwrap();
    for secret in [&**browser.token.expose(), &browser.token.csrf(), hash, "ada@example.com", "oidc#", PASSWORD] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let errors: Vec<_> = logs.lines().into_iter().filter(|line| line["level"] == json!("ERROR")).collect();
    assert_eq!(errors.len(), 1, "{text}");
}
