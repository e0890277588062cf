use crate::support::{ROUTE, scene};
use scene::{Logs, Stores, now};
use serde_json::json;

/// ASVS 16.3.1.
#[tokio::test]
async fn a_minted_token_is_one_event() {
    let scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    for (body, audience) in [(json!({}), None), (json!({ "audience": "reports" }), Some("reports"))] {
        let logs = Logs::capture();
        scene.ask(&browser.post(ROUTE).json(&body)).await;
        let id = browser.token.id();
        let mut expected = json!({ "event": "token_minted", "user_id": "ada", "session_id": id.as_str() });
        if let Some(audience) = audience {
            expected["detail"] = json!(audience);
        }
        assert_eq!(logs.event(), expected);
    }
}

#[tokio::test]
async fn a_denial_is_one_event_and_a_refusal_is_none() {
    let scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let logs = Logs::capture();
    scene.ask(&browser.post(ROUTE).without("x-csrf-token")).await;
    let id = browser.token.id();
    assert_eq!(logs.event(), json!({ "event": "denied", "reason": "csrf", "session_id": id.as_str() }));

    let logs = Logs::capture();
    scene.ask(&browser.post(ROUTE).json(&json!({ "audience": "\n{\"target\":\"audit\"}" }))).await;
    assert_eq!((logs.lines().len(), logs.of("audit").len()), (1, 0), "{}", logs.text());
}

/// ASVS 16.2.5, 16.5.2.
#[tokio::test]
async fn no_secret_of_a_mint_is_in_any_line() {
    let mut scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    scene.pass(600);
    let logs = Logs::capture();
    let minted = scene.ask(&browser.post(ROUTE)).await.json()["token"].as_str().unwrap().to_owned();
    scene.stores.go_away().await;
    assert_eq!(scene.ask(&browser.post(ROUTE)).await.status, 503);
    let (text, signature) = (logs.text(), minted.rsplit('.').next().unwrap());
    for secret in [&minted, signature, &**browser.token.expose(), &browser.token.csrf(), "private"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let errors: Vec<_> = logs.lines().into_iter().filter(|line| line["level"] == "ERROR").collect();
    assert_eq!(errors.len(), 1, "{text}");
    assert!(errors[0]["cause"].as_str().is_some_and(|cause| cause.contains("DynamoDB")), "{text}");
}
