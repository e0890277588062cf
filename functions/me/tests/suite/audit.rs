use crate::support::Scene;
use scene::{Logs, Stores, now};
use serde_json::json;

/// ASVS 16.2.5: the hot path logs one line, without the token or values derived from it.
#[tokio::test]
async fn a_look_is_one_line_and_no_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    for age in [0, 600] {
        let browser = scene.browser_since(age).await;
        let logs = Logs::capture();
        assert_eq!(scene.ask(&browser.get("/me")).await.status, 200);
        assert_eq!((logs.lines().len(), logs.of("request").len()), (1, 1), "{}", logs.text());
        for secret in [&**browser.token.expose(), &browser.token.csrf(), "ada@example.com"] {
            assert!(!logs.text().contains(secret), "{}", logs.text());
        }
    }
}

/// ASVS 16.5.2.
#[tokio::test]
async fn a_look_that_cannot_be_decided_is_told_once_with_its_cause() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    scene.stores.go_away().await;
    let logs = Logs::capture();
    assert_eq!(scene.ask(&browser.get("/me")).await.status, 503);
    let about: Vec<_> = logs.lines().into_iter().filter(|line| line.to_string().contains("DynamoDB")).collect();
    let [line] = &about[..] else { panic!("one line: {}", logs.text()) };
    assert_eq!((&line["target"], &line["level"], &line["status"]), (&json!("request"), &json!("ERROR"), &json!(503)));
    assert!(!logs.text().contains(&**browser.token.expose()));
}
