use crate::support::{LIST, Scene, removal};
use scene::{Logs, Stores, now};
use serde_json::json;

/// ASVS 16.3.1, 16.3.2.
#[tokio::test]
async fn a_way_that_is_taken_away_is_one_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, id) = (scene.browser().await, scene.linked().await);
    let logs = Logs::capture();
    scene.ask(&removal(&browser, &id)).await;
    let expected = json!({
        "event": "identity_unlinked", "user_id": scene.user_id, "session_id": browser.token.id().as_str(),
        "auth_method": "oidc:acme", "detail": id,
    });
    assert_eq!(logs.event(), expected);
}

#[tokio::test]
async fn where_nothing_was_taken_away_a_refusal_is_a_denial_and_looking_is_no_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let logs = Logs::capture();
    scene.ask(&browser.get(LIST)).await;
    scene.ask(&removal(&browser, "unknown\n{\"target\":\"audit\"}")).await;
    scene.without_password().await;
    scene.ask(&removal(&browser, &scene.linked().await)).await;
    let events: Vec<_> = logs.of("audit").iter().map(|line| [line["event"].clone(), line["reason"].clone()]).collect();
    assert_eq!(events, [["denied", "not-found"], ["denied", "identity-needed"]], "{}", logs.text());
    assert_eq!(logs.lines().len(), 5, "{}", logs.text());
}
