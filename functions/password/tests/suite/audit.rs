use crate::support::{EMAIL, NEW, PASSWORD, Scene, add, change, confirm, forgotten, token};
use scene::{Fault, HOSTILE, Logs, RedisFault, Stores, now};
use serde_json::json;
use users::Challenge;

/// ASVS 16.3.1: the change, with the session that asked for it, and the session that began.
#[tokio::test]
async fn a_change_and_its_new_session_are_an_event_each() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let logs = Logs::capture();
    let reply = scene.ask(&change(&browser, PASSWORD, NEW)).await;
    let events = logs.of("audit");
    let [changed, login] = &events[..] else { panic!("two events: {}", logs.text()) };
    for (event, name, id) in [(changed, "password_changed", browser.token.id()), (login, "login", token(&reply).id())] {
        assert_eq!((&event["event"], &event["session_id"]), (&json!(name), &json!(id.as_str())));
        assert_eq!((&event["user_id"], &event["auth_method"]), (&json!(scene.user_id), &json!("password")));
    }
}

/// ASVS 16.3.1: a committed change is logged, whatever the answer is.
#[tokio::test]
async fn a_change_that_no_session_follows_is_one_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let expected = json!({
        "event": "password_changed", "user_id": scene.user_id, "session_id": browser.token.id().as_str(),
        "auth_method": "password",
    });
    scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::Pass, Fault::Fail, Fault::Fail, Fault::Fail]);
    let logs = Logs::capture();
    assert_eq!(scene.ask(&change(&browser, PASSWORD, NEW)).await.status, 503);
    assert_eq!(logs.event(), expected);
}

/// ASVS 16.3.1: Redis does not know of it yet, but only the new password signs in.
#[tokio::test]
async fn what_is_committed_and_not_finished_is_an_event_too() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, redis) = (scene.browser().await, scene.stores.redis_proxy.as_ref().unwrap());
    redis.break_all(Some("SET"), RedisFault::Close);
    let logs = Logs::capture();
    assert_eq!(scene.ask(&change(&browser, PASSWORD, NEW)).await.status, 503);
    let changed = logs.event();
    assert_eq!((&changed["event"], &changed["user_id"]), (&json!("password_changed"), &json!(scene.user_id)));
    drop(logs);
    redis.heal();
    scene.browser().await;
    let mail = scene.mailed(EMAIL).await;
    redis.break_all(Some("SET"), RedisFault::Close);
    let logs = Logs::capture();
    assert_eq!(scene.ask(&confirm(&mail, PASSWORD)).await.status, 503);
    assert_eq!(logs.event(), json!({ "event": "password_reset", "user_id": scene.user_id }));
}

/// ASVS 16.3.1: the session of the browser could no longer be ended.
#[tokio::test]
async fn a_confirmation_that_fails_in_the_end_is_one_event() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let eve = add(&scene.users(), "eve@example.com", Some(PASSWORD), scene.now).await;
    let (browser, mail) = (scene.browser_of(&eve).await, scene.mailed(EMAIL).await);
    scene.stores.redis_proxy.as_ref().unwrap().break_all(Some("SET"), RedisFault::Close);
    let logs = Logs::capture();
    let request = browser.with_cookie(confirm(&mail, NEW)).header("x-csrf-token", &browser.token.csrf());
    assert_eq!(scene.ask(&request).await.status, 503);
    assert_eq!(logs.event(), json!({ "event": "password_reset", "user_id": scene.user_id, "detail": "0" }));
}

/// ASVS 16.3.1: a person who found a signed-in browser may be guessing.
#[tokio::test]
async fn a_refused_change_is_one_event_that_says_why() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let oidc = add(&scene.users(), "oidc@example.com", None, scene.now).await;
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

/// ASVS 16.2.5: the event says that a request was made, but not for which address.
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
    let eve = add(&scene.users(), "eve@example.com", Some(PASSWORD), scene.now).await;
    let (browser, mail) = (scene.browser_of(&eve).await, scene.mailed(EMAIL).await);
    let logs = Logs::capture();
    scene.ask(&browser.with_cookie(confirm(&mail, NEW)).header("x-csrf-token", &browser.token.csrf())).await;
    let events = logs.of("audit");
    let [reset, logout] = &events[..] else { panic!("two events: {}", logs.text()) };
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

/// ASVS 16.2.5: no usable secret, and no address.
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
