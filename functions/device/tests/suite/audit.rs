use crate::support::{EMAIL, PASSWORD, Scene, credentials, logout, member, refresh};
use scene::{Logs, Stores, now};
use serde_json::json;
use session::RefreshToken;

/// ASVS 16.3.1: one event each, and none of them holds a secret (16.2.5).
#[tokio::test]
async fn each_thing_that_happens_is_one_event() {
    let mut scene = Scene::new(Stores::without_redis().await, now()).await;
    let user_id = scene.user_id.clone();
    let mut said = String::new();
    let mut secrets = vec![PASSWORD.to_owned(), "a wrong password".to_owned()];

    let logs = Logs::capture();
    let reply = scene.ask(&credentials(EMAIL, PASSWORD)).await;
    let first = member(&reply, "refresh_token");
    let id = RefreshToken::parse(&first).unwrap().id();
    let id = id.as_str();
    let login = json!({ "event": "login", "user_id": user_id, "session_id": id, "auth_method": "password", "detail": "device" });
    assert_eq!(logs.event(), login);
    said += &logs.text();

    scene.pass(30);
    let logs = Logs::capture();
    let reply = scene.ask(&refresh(&first)).await;
    assert_eq!(logs.event(), json!({ "event": "token_refreshed", "user_id": user_id, "session_id": id }));
    said += &logs.text();
    secrets.extend([member(&reply, "access_token"), member(&reply, "refresh_token")]);

    // The second one counts as lost: no client has shown it.
    scene.pass(30);
    let logs = Logs::capture();
    let reply = scene.ask(&refresh(&first)).await;
    let told: Vec<_> = logs.of("audit").iter().map(|line| line["event"].clone()).collect();
    assert_eq!(told, ["refresh_replaced", "token_refreshed"]);
    said += &logs.text();
    secrets.extend([member(&reply, "access_token"), member(&reply, "refresh_token")]);

    let logs = Logs::capture();
    scene.ask(&refresh(&secrets[3])).await;
    assert_eq!(logs.event(), json!({ "event": "refresh_reused", "user_id": user_id, "session_id": id }));
    said += &logs.text();

    let logs = Logs::capture();
    scene.ask(&refresh(&first)).await;
    assert_eq!(logs.event(), json!({ "event": "refresh_refused" }));
    said += &logs.text();

    let second = scene.phone().await;
    let id = RefreshToken::parse(&second).unwrap().id();
    let logs = Logs::capture();
    scene.ask(&logout(&second)).await;
    assert_eq!(logs.event(), json!({ "event": "logout", "user_id": user_id, "session_id": id.as_str() }));
    said += &logs.text();

    for (request, event) in [
        (
            credentials(EMAIL, "a wrong password"),
            json!({ "event": "login_failed", "user_id": user_id, "auth_method": "password", "reason": "wrong_password" }),
        ),
        (
            credentials("nobody@example.com", PASSWORD),
            json!({ "event": "login_failed", "auth_method": "password", "reason": "unknown_account" }),
        ),
    ] {
        let logs = Logs::capture();
        scene.ask(&request).await;
        assert_eq!(logs.event(), event);
        said += &logs.text();
    }
    for _ in 0..4 {
        scene.ask(&credentials(EMAIL, "a wrong password")).await;
    }
    let logs = Logs::capture();
    scene.ask(&credentials(EMAIL, "a wrong password")).await;
    assert_eq!(logs.event(), json!({ "event": "throttled", "reason": "too-many-attempts" }));
    said += &logs.text();

    secrets.extend([first, second]);
    scene.stores.go_away().await;
    let logs = Logs::capture();
    scene.ask(&refresh(&secrets[3])).await;
    let text = said + &logs.text();
    assert!(text.contains("DynamoDB") && text.contains("refresh_reused"), "{text}");
    for secret in secrets.iter().flat_map(|secret| secret.split('.')) {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
