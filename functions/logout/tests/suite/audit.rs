use crate::support::{ROUTES, Scene};
use scene::{COOKIE, Logs, Request, Stores, now};
use serde_json::json;

/// ASVS 16.3.1, 16.3.2.
#[tokio::test]
async fn an_ended_session_is_one_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let logs = Logs::capture();
    scene.ask(&browser.post("/logout")).await;
    assert_eq!(logs.event(), json!({ "event": "logout", "user_id": "ada", "session_id": browser.token.id().as_str() }));
}

#[tokio::test]
async fn a_sign_out_everywhere_is_one_event_that_says_how_many() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, _, _) = (scene.browser().await, scene.browser().await, scene.browser().await);
    let logs = Logs::capture();
    scene.ask(&browser.post("/logout/all")).await;
    let id = browser.token.id();
    assert_eq!(
        logs.event(),
        json!({ "event": "logout_all", "user_id": "ada", "session_id": id.as_str(), "detail": "3" })
    );
}

#[tokio::test]
async fn a_denial_is_one_event_and_where_nothing_ended_there_is_none() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    for route in ROUTES {
        let logs = Logs::capture();
        scene.ask(&browser.post(route).without("x-csrf-token")).await;
        let id = browser.token.id();
        assert_eq!(logs.event(), json!({ "event": "denied", "reason": "csrf", "session_id": id.as_str() }));
    }
    let logs = Logs::capture();
    scene.ask(&Request::post("/logout")).await;
    scene.ask(&Request::post("/logout").cookie(COOKIE, "no-token")).await;
    scene.ask(&Request::post("/logout/all")).await;
    assert!(logs.of("audit").is_empty(), "{}", logs.text());
}

/// ASVS 16.2.5, 16.5.2: an ending that is not confirmed is not an event; its cause is logged once.
#[tokio::test]
async fn a_failed_end_is_told_once_with_its_cause_and_without_a_secret() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    scene.stores.go_away().await;
    for route in ROUTES {
        let logs = Logs::capture();
        assert_eq!(scene.ask(&browser.post(route)).await.status, 503);
        assert!(logs.of("audit").is_empty(), "{}", logs.text());
        let about: Vec<_> = logs.lines().into_iter().filter(|line| line.to_string().contains("DynamoDB")).collect();
        let [line] = &about[..] else { panic!("one line: {}", logs.text()) };
        assert_eq!((&line["target"], &line["level"]), (&json!("request"), &json!("ERROR")));
        for secret in [&**browser.token.expose(), &browser.token.csrf()] {
            assert!(!logs.text().contains(secret));
        }
    }
}
