use crate::support::{Scene, token};
use scene::{Answer, COOKIE, Endpoint, HOSTILE, Lie, Logs, Request};
use serde_json::json;

/// ASVS 16.3.1: the event also says how the person and the account came together.
#[tokio::test]
async fn a_login_is_one_event() {
    let scene = Scene::whole().await;
    for detail in ["created", "known"] {
        let visit = scene.visit().await;
        let logs = Logs::capture();
        let reply = scene.ask(&visit.request()).await;
        let expected = json!({
            "event": "login", "user_id": scene.user_of(&reply).await, "session_id": token(&reply).id().as_str(),
            "auth_method": "oidc:acme", "detail": detail,
        });
        assert_eq!(logs.event(), expected);
    }
    let scene = Scene::whole().await;
    scene.add("ana@example.com").await;
    let visit = scene.visit().await;
    let logs = Logs::capture();
    scene.ask(&visit.request()).await;
    assert_eq!(logs.event()["detail"], "linked");
}

/// ASVS 16.3.1: every login that fails, from the first check on.
#[tokio::test]
async fn a_refusal_is_one_event_that_says_why() {
    let scene = Scene::whole().await;
    let visit = scene.visit().await;
    let disabled = scene.user_of(&scene.log_in().await).await;
    let failed = |reason: &str| json!({ "event": "login_failed", "auth_method": "oidc:acme", "reason": reason });
    for (request, reason) in [
        (visit.without_cookie(), "login-expired"),
        (visit.without("state").request(), "login-expired"),
        (visit.without("code").request(), "login-refused"),
    ] {
        let logs = Logs::capture();
        scene.ask(&request).await;
        assert_eq!(logs.event(), failed(reason));
    }

    scene.stores.change("users", ("user_id", &disabled), |row| row["status"] = json!("disabled")).await;
    let logs = Logs::capture();
    scene.log_in().await;
    let mut expected = failed("disabled");
    expected["user_id"] = json!(disabled);
    assert_eq!(logs.event(), expected);

    scene.provider.lie(Lie::Claim("email_verified", json!(false))).lie(Lie::Claim("sub", json!("eve")));
    let logs = Logs::capture();
    assert_eq!(scene.log_in().await.status, 409);
    assert_eq!(logs.event(), failed("account-exists"));

    scene.provider.lie(Lie::Answer(Endpoint::Token, Answer::Status(500)));
    let logs = Logs::capture();
    assert_eq!(scene.log_in().await.status, 502);
    assert_eq!(logs.event(), failed("provider-failed"));
}

/// ASVS 16.3.3.
#[tokio::test]
async fn a_planted_cookie_is_one_event() {
    let scene = Scene::small().await;
    let visit = scene.visit().await;
    for request in [
        visit.request().cookie(&visit.cookie_name(), "planted"),
        visit.request().cookie(COOKIE, "a").cookie(COOKIE, "b"),
    ] {
        let logs = Logs::capture();
        scene.ask(&request).await;
        assert_eq!(logs.event(), json!({ "event": "denied", "reason": "duplicate-cookie" }));
    }
}

/// ASVS 16.5.1: the log says what the provider did, the answer does not.
#[tokio::test]
async fn the_cause_of_a_refusal_is_in_the_log_only() {
    let scene = Scene::small().await;
    scene.provider.lie(Lie::Claim("nonce", json!("another")));
    let logs = Logs::capture();
    let reply = scene.log_in().await;
    let cause = logs.of("request")[0]["cause"].as_str().unwrap().to_owned();
    assert!(cause.contains("nonce"), "{cause}");
    assert!(!reply.body.contains("nonce"), "{reply:?}");
}

/// ASVS 16.4.1: any text that a provider or a caller sends.
#[tokio::test]
async fn no_text_of_a_callback_makes_a_second_line() {
    let scene = Scene::small().await;
    let visit = scene.visit().await;
    for text in HOSTILE {
        let logs = Logs::capture();
        let escaped: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let there = Request::get("/callback/{provider}").parameter("provider", text);
        scene.ask(&there.query(&format!("state={escaped}&code={escaped}"))).await;
        let refused = visit.with(format!("state={}&error={escaped}&iss={escaped}", visit.attempt.state)).request();
        scene.ask(&refused.without("user-agent").header("user-agent", text)).await;
        assert_eq!(logs.lines().len(), 4, "two requests, a denial and a refusal: {}", logs.text());
    }
}
