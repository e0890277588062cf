use crate::support::{ALL, Scene, end, end_others, phone};
use scene::{Logs, Stores, now};
use serde_json::json;

/// ASVS 16.3.1: which session ended, and from which session.
#[tokio::test]
async fn an_ended_session_is_one_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, other) = (scene.browser_of("ada").await, scene.browser_of("ada").await);
    let (own, id) = (browser.token.id(), other.token.id());
    let logs = Logs::capture();
    scene.ask(&end(&browser, id.as_str())).await;
    let expected =
        json!({ "event": "session_ended", "user_id": "ada", "session_id": id.as_str(), "detail": own.as_str() });
    assert_eq!(logs.event(), expected);

    scene.browser_of("ada").await;
    let logs = Logs::capture();
    scene.ask(&end_others(&browser)).await;
    let expected = json!({ "event": "session_ended", "user_id": "ada", "session_id": own.as_str(),
        "reason": "others", "detail": "1" });
    assert_eq!(logs.event(), expected);

    let logs = Logs::capture();
    scene.ask(&end(&browser, own.as_str())).await;
    assert_eq!(logs.event(), json!({ "event": "logout", "user_id": "ada", "session_id": own.as_str() }));
}

#[tokio::test]
async fn a_refusal_is_a_denial_and_looking_is_no_event() {
    let mut scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser_of("ada").await;
    scene.pass(3600);
    let id = browser.token.id();
    for (request, reason) in
        [(end_others(&browser).without("x-csrf-token"), "csrf"), (end_others(&browser), "reauthenticate")]
    {
        let logs = Logs::capture();
        scene.ask(&request).await;
        assert_eq!(logs.event(), json!({ "event": "denied", "reason": reason, "session_id": id.as_str() }));
    }
    let logs = Logs::capture();
    scene.ask(&browser.get(ALL)).await;
    assert_eq!(logs.of("audit").len(), 0, "{}", logs.text());
}

/// ASVS 16.2.5.
#[tokio::test]
async fn no_secret_is_in_any_line() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, phone) = (scene.browser_of("ada").await, phone(&scene).await);
    let logs = Logs::capture();
    scene.ask(&browser.get(ALL)).await;
    scene.ask(&end(&browser, phone.id().as_str())).await;
    scene.stores.go_away().await;
    scene.ask(&end_others(&browser)).await;
    let text = logs.text();
    for secret in [&**browser.token.expose(), &browser.token.csrf(), &**phone.expose()] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
