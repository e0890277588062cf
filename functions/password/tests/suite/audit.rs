use crate::support::{EMAIL, NEW, PASSWORD, Scene, add, change, confirm, forgotten, token};
use serde_json::json;
use testkit::{HOSTILE, Logs, Stores, now};
use users::Challenge;

/// ASVS 16.3.1.
#[tokio::test]
async fn a_change_is_one_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let logs = Logs::capture();
    let reply = scene.ask(&change(&browser, PASSWORD, NEW)).await;
    let expected = json!({
        "event": "password_changed", "user_id": scene.user_id, "session_id": token(&reply).id().as_str(),
        "auth_method": "password",
    });
    assert_eq!(logs.event(), expected);
}

/// ASVS 16.3.1: somebody who found a browser signed in may be guessing.
#[tokio::test]
async fn a_refused_change_is_one_event_that_says_why() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let oidc = add(&scene.password.users, "oidc@example.com", None, scene.now).await;
    for (user_id, reason) in [(&scene.user_id, "wrong_password"), (&oidc, "no_password")] {
        let browser = scene.browser_of(user_id).await;
        let logs = Logs::capture();
        assert_eq!(scene.ask(&change(&browser, "another password", NEW)).await.status, 401);
        let expected = json!({
            "event": "password_refused", "user_id": user_id, "session_id": browser.token.id().as_str(), "reason": reason,
        });
        assert_eq!(logs.event(), expected);
    }
}

/// ASVS 16.2.5: that somebody asked, and not with which address.
#[tokio::test]
async fn a_forgotten_password_is_one_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    for email in [EMAIL, "nobody@example.com"] {
        let logs = Logs::capture();
        scene.ask(&forgotten(email)).await;
        assert_eq!(logs.event(), json!({ "event": "reset_requested" }));
    }
}

#[tokio::test]
async fn a_confirmation_is_one_event_and_so_is_the_end_of_somebody_else_s_session() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (_, mail) = (scene.browser().await, scene.mailed(EMAIL).await);
    let logs = Logs::capture();
    scene.ask(&confirm(&mail, NEW)).await;
    assert_eq!(logs.event(), json!({ "event": "password_reset", "user_id": scene.user_id, "detail": "1" }));
    drop(logs);
    let eve = add(&scene.password.users, "eve@example.com", Some(PASSWORD), scene.now).await;
    let (browser, mail) = (scene.browser_of(&eve).await, scene.mailed(EMAIL).await);
    let logs = Logs::capture();
    scene.ask(&browser.with_cookie(confirm(&mail, NEW)).header("x-csrf-token", &browser.token.csrf())).await;
    let events = logs.of("audit");
    let [logout, reset] = &events[..] else { panic!("two events: {}", logs.text()) };
    assert_eq!((&logout["event"], &logout["user_id"]), (&json!("logout"), &json!(eve)));
    assert_eq!((&reset["event"], &reset["user_id"]), (&json!("password_reset"), &json!(scene.user_id)));
}

#[tokio::test]
async fn a_refused_token_is_one_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let logs = Logs::capture();
    scene.ask(&confirm(&Challenge::generate().unwrap(), NEW)).await;
    assert_eq!(logs.event(), json!({ "event": "link_refused", "reason": "spent" }));
}

/// ASVS 16.3.3.
#[tokio::test]
async fn a_forged_change_is_one_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let logs = Logs::capture();
    scene.ask(&change(&browser, PASSWORD, NEW).without("x-csrf-token")).await;
    let expected = json!({ "event": "denied", "reason": "csrf", "session_id": browser.token.id().as_str() });
    assert_eq!(logs.event(), expected);
}

/// ASVS 16.4.1.
#[tokio::test]
async fn no_text_of_a_request_makes_a_second_line() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for text in HOSTILE {
        let logs = Logs::capture();
        let reply = scene.ask(&forgotten(text).without("user-agent").header("user-agent", text)).await;
        let expected = if reply.status == 202 { 2 } else { 1 };
        assert_eq!(logs.lines().len(), expected, "the event, if any, and the request: {}", logs.text());
    }
}

/// ASVS 16.2.5: nothing that opens a door, and no address.
#[tokio::test]
async fn no_secret_of_a_password_is_in_any_line() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, logs) = (scene.browser().await, Logs::capture());
    let wrong = change(&browser, "a wrong password", NEW);
    scene.ask(&wrong).await;
    let reply = scene.ask(&change(&browser, PASSWORD, NEW)).await;
    scene.ask(&forgotten(EMAIL)).await;
    let mail = scene.mailed(EMAIL).await;
    scene.ask(&confirm(&mail, "password1234")).await;
    scene.ask(&confirm(&mail, PASSWORD)).await;
    scene.ask(&confirm(&mail, NEW)).await;
    scene.ask(&change(&browser, PASSWORD, NEW).text(PASSWORD)).await;
    scene.stores.go_away().await;
    assert_eq!(scene.ask(&wrong).await.status, 503);
    assert_eq!(scene.ask(&confirm(&mail, NEW)).await.status, 503);
    let (text, new) = (logs.text(), token(&reply));
    for secret in [
        PASSWORD,
        NEW,
        "a wrong password",
        "password1234",
        EMAIL,
        "$argon2id",
        &**mail.expose(),
        &**browser.token.expose(),
        &browser.token.csrf(),
        &**new.expose(),
        &new.csrf(),
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(logs.of("request").len(), 9);
}
