use crate::support::{EMAIL, PASSWORD, Scene, add, credentials, token};
use scene::{Browser, COOKIE, HOSTILE, Logs, Stores, now};
use serde_json::json;

/// ASVS 16.3.1.
#[tokio::test]
async fn a_login_is_one_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let logs = Logs::capture();
    let reply = scene.ask(&credentials(EMAIL, PASSWORD)).await;
    let expected = json!({
        "event": "login", "user_id": scene.user_id, "session_id": token(&reply).id().as_str(), "auth_method": "password",
    });
    assert_eq!(logs.event(), expected);
}

/// ASVS 16.3.1: the log distinguishes what the answer does not.
#[tokio::test]
async fn a_refusal_is_one_event_that_says_why() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let oidc = add(&scene.users(), "oidc@example.com", None, scene.now).await;
    let disabled = add(&scene.users(), "disabled@example.com", Some(PASSWORD), scene.now).await;
    scene.stores.change("users", ("user_id", &disabled), |row| row["status"] = json!("disabled")).await;
    for (email, password, reason, user_id) in [
        (EMAIL, "wrong password", "wrong_password", Some(&scene.user_id)),
        ("nobody@example.com", PASSWORD, "unknown_account", None),
        ("oidc@example.com", PASSWORD, "no_password", Some(&oidc)),
        ("disabled@example.com", PASSWORD, "disabled", Some(&disabled)),
    ] {
        let logs = Logs::capture();
        scene.ask(&credentials(email, password)).await;
        let mut expected = json!({ "event": "login_failed", "auth_method": "password", "reason": reason });
        if let Some(user_id) = user_id {
            expected["user_id"] = json!(user_id);
        }
        assert_eq!(logs.event(), expected);
    }
}

/// ASVS 16.4.1: any text in the address or in the browser's name.
#[tokio::test]
async fn no_text_of_a_login_makes_a_second_line() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for text in HOSTILE.iter().chain(&["ada@example.com\n{\"target\":\"audit\",\"event\":\"login\"}"]) {
        let logs = Logs::capture();
        let request = credentials(text, text).without("user-agent").header("user-agent", text);
        let status = scene.ask(&request).await.status;
        assert!([401, 422].contains(&status), "{text:?}");
        let expected = if status == 401 { 2 } else { 1 };
        assert_eq!(logs.lines().len(), expected, "the event, if any, and the request: {}", logs.text());
    }
}

/// ASVS 16.2.5: no usable secret, and no address that has no account.
#[tokio::test]
async fn no_secret_of_a_login_is_in_any_line() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let logs = Logs::capture();
    let reply = scene.ask(&credentials(EMAIL, PASSWORD)).await;
    let browser = Browser { token: token(&reply) };
    let again = browser.with_cookie(credentials(EMAIL, PASSWORD)).header("x-csrf-token", &browser.token.csrf());
    let second = token(&scene.ask(&again).await);
    scene.ask(&again).await;
    scene.ask(&credentials(EMAIL, "a wrong password")).await;
    scene.ask(&credentials("nobody@example.com", "another wrong password")).await;
    scene.ask(&credentials(EMAIL, "not json").text(PASSWORD)).await;
    let (started, attempt) = scene.begin().await;
    scene.stores.go_away().await;
    scene.ask(&again).await;

    let cookie = |reply: &scene::Reply, name: &str| reply.cookie(name).unwrap_or_default().to_owned();
    let secrets = [
        PASSWORD.to_owned(),
        "a wrong password".to_owned(),
        "another wrong password".to_owned(),
        EMAIL.to_owned(),
        "nobody@example.com".to_owned(),
        cookie(&reply, COOKIE),
        browser.token.csrf(),
        second.expose().to_string(),
        second.csrf(),
        cookie(&started, &oidc::Attempt::cookie_name(&attempt.state)),
        attempt.state,
        attempt.nonce,
        attempt.verifier,
        scene.provider.client_secret().to_owned(),
        "$argon2id".to_owned(),
    ];
    let text = logs.text();
    for secret in secrets {
        assert!(!secret.is_empty() && !text.contains(&secret), "{secret} in {text}");
    }
    assert_eq!(logs.of("request").len(), 8);
}

/// ASVS 16.5.2: a person who watches the log sees that sign-ins fail.
#[tokio::test]
async fn a_login_that_cannot_be_decided_is_told_once_with_its_cause() {
    let scene = Scene::new(Stores::start().await, now()).await;
    scene.stores.go_away().await;
    let logs = Logs::capture();
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 503);
    let about: Vec<_> = logs.lines().into_iter().filter(|line| line.to_string().contains("DynamoDB")).collect();
    let [line] = &about[..] else { panic!("one line: {}", logs.text()) };
    assert_eq!((&line["target"], &line["level"], &line["status"]), (&json!("request"), &json!("ERROR"), &json!(503)));
}
