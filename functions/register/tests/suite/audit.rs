use crate::support::{EMAIL, PASSWORD, Scene, proof, registrant, token, wanted};
use scene::{HOSTILE, Logs, Stores, now};
use serde_json::json;
use users::Challenge;

/// ASVS 16.3.1, 16.2.5: the event says that a request was made, but not for which address.
#[tokio::test]
async fn a_registration_is_one_event() {
    let scene = Scene::new(Stores::start().await, now());
    let logs = Logs::capture();
    scene.ask(&wanted(EMAIL, PASSWORD)).await;
    assert_eq!(logs.event(), json!({ "event": "register_requested" }));
}

#[tokio::test]
async fn an_account_and_its_first_session_are_an_event_each() {
    let scene = Scene::new(Stores::start().await, now());
    let mail = scene.mailed(EMAIL).await;
    let logs = Logs::capture();
    let reply = scene.ask(&proof(&mail)).await;
    let user_id = reply.json()["user"]["id"].clone();
    let events = logs.of("audit");
    let [registered, login] = &events[..] else { panic!("two events: {}", logs.text()) };
    assert_eq!((&registered["event"], &registered["user_id"]), (&json!("registered"), &user_id));
    assert_eq!((&login["event"], &login["user_id"]), (&json!("login"), &user_id));
    assert_eq!(login["session_id"], token(&reply).id().as_str());
}

/// ASVS 16.3.2: the log distinguishes cases that the owner of the address need not know about.
#[tokio::test]
async fn a_refused_token_is_one_event_that_says_why() {
    let scene = Scene::new(Stores::start().await, now());
    let logs = Logs::capture();
    scene.ask(&proof(&Challenge::generate().unwrap())).await;
    assert_eq!(logs.event(), json!({ "event": "link_refused", "reason": "spent" }));
    drop(logs);
    let used = scene.mailed("grace@example.com").await;
    scene.ask(&proof(&used)).await;
    let logs = Logs::capture();
    scene.ask(&proof(&used)).await;
    assert_eq!(logs.event(), json!({ "event": "link_refused", "reason": "used" }));
    drop(logs);
    let mail = scene.mailed(EMAIL).await;
    scene.add(EMAIL, None).await;
    let logs = Logs::capture();
    scene.ask(&proof(&mail)).await;
    assert_eq!(logs.event(), json!({ "event": "link_refused", "reason": "taken" }));
}

/// ASVS 16.3.3.
#[tokio::test]
async fn whoever_is_turned_away_is_one_event() {
    let scene = Scene::new(Stores::start().await, now());
    let logs = Logs::capture();
    scene.ask(&wanted(EMAIL, PASSWORD).without("origin").header("origin", "null")).await;
    assert_eq!(logs.event(), json!({ "event": "denied", "reason": "foreign-origin" }));
    drop(logs);
    let mut last = None;
    for _ in 0..10 {
        let logs = Logs::capture();
        if scene.ask(&wanted(EMAIL, PASSWORD)).await.status == 429 {
            last = Some(logs.event());
            break;
        }
    }
    assert_eq!(last, Some(json!({ "event": "throttled", "reason": "too-many-attempts" })));
}

/// ASVS 16.4.1.
#[tokio::test]
async fn no_text_of_a_request_makes_a_second_line() {
    let scene = Scene::new(Stores::without_redis().await, now());
    for text in HOSTILE {
        let logs = Logs::capture();
        scene.ask(&wanted(text, text).without("user-agent").header("user-agent", text)).await;
        assert_eq!(logs.lines().len(), 1, "{}", logs.text());
    }
}

/// ASVS 16.2.5: no usable secret, and no address.
#[tokio::test]
async fn no_secret_of_a_registration_is_in_any_line() {
    let scene = Scene::new(Stores::start().await, now());
    let logs = Logs::capture();
    let mail = scene.mailed(EMAIL).await;
    let reply = scene.ask(&proof(&mail)).await;
    scene.ask(&proof(&mail)).await;
    scene.ask(&wanted(EMAIL, "password1234")).await;
    scene.ask(&wanted(EMAIL, "not json").text(PASSWORD)).await;
    scene.stores.go_away().await;
    scene.ask(&wanted(EMAIL, PASSWORD)).await;
    assert_eq!(scene.ask(&proof(&mail)).await.status, 503);
    let text = logs.text();
    let token = token(&reply);
    let kept = [registrant().expose(), registrant().id().to_string().into()];
    let secrets = [PASSWORD, "password1234", EMAIL, "$argon2id", &**mail.expose(), &**token.expose(), &token.csrf()];
    for secret in secrets.into_iter().chain(kept.iter().map(|text| text.as_str())) {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(logs.of("request").len(), 7);
}
