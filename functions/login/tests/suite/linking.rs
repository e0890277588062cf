//! `POST /login/{provider}`: a signed-in user begins to add a way in.

use crate::support::{EMAIL, PASSWORD, Scene, attempts, credentials, start, token};
use insta::assert_snapshot;
use jiff::SignedDuration;
use oidc::Attempt;
use scene::{Browser, COOKIE, Calls, Endpoint, Lie, Logs, Reply, Request, Stores, now};
use serde_json::json;
use session::Token;
use url::Url;

/// A request from a page of the app.
fn link(browser: &Browser) -> Request {
    browser.post("/login/{provider}").parameter("provider", "acme")
}

async fn answer(change: impl FnOnce(Request) -> Request) -> Reply {
    let scene = Scene::fixed().await;
    let browser = scene.sign_in().await;
    scene.ask(&change(link(&browser))).await
}

impl Scene {
    fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }
}

#[tokio::test]
async fn a_live_session_is_200_with_the_attempt() {
    assert_snapshot!(answer(|request| request.query("return_to=%2Fsettings")).await);
}

#[tokio::test]
async fn a_session_that_slides_is_200_with_its_cookie_too() {
    let mut scene = Scene::fixed().await;
    let browser = scene.sign_in().await;
    scene.pass(300);
    let reply = scene.ask(&link(&browser)).await;
    assert_eq!((reply.status, reply.cookies.len()), (200, 2));
    assert_eq!(reply.cookie(COOKIE), Some(&**browser.token.expose()));
}

#[tokio::test]
async fn a_foreign_return_to_is_400() {
    assert_snapshot!(answer(|request| request.query("return_to=https%3A%2F%2Fevil.example")).await);
}

/// ASVS 7.5.1: to the second, and a new login of the same user solves it.
#[tokio::test]
async fn a_session_of_15_minutes_is_403_until_the_user_signs_in_again() {
    let mut scene = Scene::fixed().await;
    let browser = scene.sign_in().await;
    scene.pass(15 * 60 - 1);
    assert_eq!(scene.ask(&link(&browser)).await.status, 200);
    scene.pass(1);
    assert_snapshot!(scene.ask(&link(&browser)).await);
    let again = browser.with_cookie(credentials(EMAIL, PASSWORD)).header("x-csrf-token", &browser.token.csrf());
    let again = Browser { token: token(&scene.ask(&again).await) };
    assert_eq!(scene.ask(&link(&again)).await.status, 200);
}

#[tokio::test]
async fn an_unknown_provider_is_404() {
    let reply = answer(|request| request.fill("nobody")).await;
    assert_eq!((reply.status, &*reply.problem()), (404, "not-found"));
}

#[tokio::test]
async fn a_provider_that_fails_is_502() {
    let scene = Scene::fixed().await;
    let browser = scene.sign_in().await;
    scene.provider.lie(Lie::Answer(Endpoint::Discovery, scene::Answer::Status(500)));
    let reply = scene.ask(&link(&browser)).await;
    assert_eq!((reply.status, &*reply.problem(), reply.cookies.len()), (502, "provider-failed", 0));
}

/// ASVS 10.2.1: and with no other session.
#[tokio::test]
async fn the_attempt_bears_the_mark_of_the_session() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.sign_in().await;
    let reply = scene.ask(&link(&browser).query("return_to=%2Fsettings")).await;
    let [attempt] = &attempts(&reply)[..] else { panic!("one attempt: {reply:?}") };
    let has_marked = |token: &Token| {
        let token = token.clone();
        attempt.may_be_finished(Some(move |bytes: &[u8], mark: &str| token.has_marked(Attempt::PURPOSE, bytes, mark)))
    };
    assert!(attempt.link && has_marked(&browser.token) && !has_marked(&scene.sign_in().await.token));
    assert!(!serde_json::to_string(attempt).unwrap().contains(&scene.user_id), "ids prove nothing");
    assert_eq!(attempt.return_to, "https://app.example.com/settings");
    let location = reply.json()["location"].as_str().unwrap().to_owned();
    let state = Url::parse(&location).unwrap().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    assert_eq!(state, attempt.state);
    scene.provider.authorize(&location);

    let login = &attempts(&scene.ask(&browser.with_cookie(start())).await)[0];
    assert!(!login.link && login.mark.is_some(), "whoever is signed in");
    let signed_out = &attempts(&scene.ask(&start()).await)[0];
    assert!(!signed_out.link && signed_out.mark.is_none());
}

#[tokio::test]
async fn it_counts_among_the_attempts_that_a_browser_keeps() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.sign_in().await;
    let names = ["AAAA", "BBBB", "CCCC", "DDDD"];
    let mut request = link(&browser);
    for name in names {
        request = request.cookie(&format!("{}{name}", Attempt::COOKIE_PREFIX), "x");
    }
    let reply = scene.ask(&request).await;
    assert_eq!(reply.cookie("__Host-login_AAAA"), Some(""));
    assert_eq!((reply.cookie("__Host-login_BBBB"), reply.cookies.len()), (None, 2));
    for cookie in &reply.cookies {
        assert!(cookie.contains("; SameSite=None"), "to a page of another site browsers keep no other: {cookie}");
    }
    let mut request = start();
    for name in names {
        request = request.cookie(&format!("{}{name}", Attempt::COOKIE_PREFIX), "x");
    }
    let login = scene.ask(&request).await;
    assert_eq!(login.cookies.len(), 2);
    assert!(login.cookies.iter().all(|cookie| cookie.contains("; SameSite=Lax")), "{login:?}");
}

/// If Redis lost a tombstone, the hot copy may live on: a way in is permanent, so the row decides.
#[tokio::test]
async fn a_session_that_redis_only_thinks_alive_begins_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.sign_in().await;
    let (id, copy) = (browser.token.id(), scene.stores.copy(&browser.token.id()).await.unwrap());
    scene.sessions().revoke(&browser.token, scene.now).await.unwrap();
    scene.stores.put_copy(&id, &copy).await;
    assert_eq!(scene.ask(&link(&browser)).await.status, 401);
    assert_eq!(scene.provider.calls(), Calls::default());
}

/// ASVS 16.3.3: beginning is not an event, a denial is.
#[tokio::test]
async fn a_denial_is_one_event() {
    let mut scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.sign_in().await;
    let logs = Logs::capture();
    assert_eq!(scene.ask(&link(&browser)).await.status, 200);
    assert!(logs.of("audit").is_empty());
    scene.pass(15 * 60);
    scene.ask(&link(&browser)).await;
    let id = browser.token.id();
    assert_eq!(logs.event(), json!({ "event": "denied", "reason": "reauthenticate", "session_id": id.as_str() }));
}
