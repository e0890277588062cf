//! Every answer that the contract documents, whole.

use crate::support::{CHANGE, CONFIRM, EMAIL, NEW, PASSWORD, RESET, Scene, change, confirm, forgotten};
use insta::assert_snapshot;
use scene::{Browser, COOKIE, Fault, Reply, Request};
use serde_json::json;
use session::Token;
use users::Challenge;

async fn answer(request: &Request) -> Reply {
    Scene::fixed().await.ask(request).await
}

/// A request of each kind, sound but for a token that nobody mailed.
fn each(browser: &Browser) -> [Request; 3] {
    let made_up = Challenge::generate().unwrap();
    [change(browser, PASSWORD, NEW), forgotten(EMAIL), confirm(&made_up, NEW)]
}

#[tokio::test]
async fn a_change_is_200_with_a_new_cookie() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&change(&scene.browser().await, PASSWORD, NEW)).await);
}

#[tokio::test]
async fn a_forgotten_password_is_202() {
    assert_snapshot!(answer(&forgotten(EMAIL)).await);
}

#[tokio::test]
async fn a_confirmation_is_204() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&confirm(&scene.mailed(EMAIL).await, NEW)).await);
}

#[tokio::test]
async fn a_confirmation_in_a_browser_that_is_signed_in_is_204_and_the_cookie_is_cleared() {
    let scene = Scene::fixed().await;
    let (browser, mail) = (scene.browser().await, scene.mailed(EMAIL).await);
    let request = browser.with_cookie(confirm(&mail, NEW)).header("x-csrf-token", &browser.token.csrf());
    assert_snapshot!(scene.ask(&request).await);
}

#[tokio::test]
async fn a_malformed_body_is_400() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    assert_snapshot!(scene.ask(&change(&browser, PASSWORD, NEW).json(&json!({ "new_password": NEW }))).await);
    for request in each(&browser) {
        assert_eq!(scene.ask(&request.text("{")).await.problem(), "bad-request");
    }
}

#[tokio::test]
async fn two_session_cookies_are_400() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    for request in each(&browser) {
        let reply = scene.ask(&request.without_cookies().cookie(COOKIE, "a").cookie(COOKIE, "b")).await;
        assert_snapshot!("two_session_cookies_are_400", reply);
    }
}

/// Unknown, malformed, expired and used are one answer.
#[tokio::test]
async fn a_token_that_is_good_for_nothing_is_400() {
    let mut scene = Scene::fixed().await;
    let unknown = scene.ask(&confirm(&Challenge::generate().unwrap(), NEW)).await;
    assert_snapshot!(unknown);
    let malformed = Request::post(CONFIRM).json(&json!({ "token": "no-token", "new_password": NEW }));
    let malformed = scene.ask(&malformed).await;
    let used = scene.mailed(EMAIL).await;
    assert_eq!(scene.ask(&confirm(&used, NEW)).await.status, 204);
    let used = scene.ask(&confirm(&used, PASSWORD)).await;
    let expired = scene.mailed(EMAIL).await;
    scene.pass(3600);
    let expired = scene.ask(&confirm(&expired, NEW)).await;
    assert_eq!([&malformed, &used, &expired], [&unknown; 3]);
}

#[tokio::test]
async fn a_change_without_a_cookie_is_401() {
    let body = json!({ "current_password": PASSWORD, "new_password": NEW });
    assert_snapshot!(answer(&Request::post(CHANGE).json(&body)).await);
}

/// Absent, expired and revoked are one answer.
#[tokio::test]
async fn a_change_with_a_dead_session_is_401_and_the_cookie_stays() {
    let mut scene = Scene::fixed().await;
    let made_up = scene.ask(&change(&Browser { token: Token::generate().unwrap() }, PASSWORD, NEW)).await;
    assert_snapshot!(made_up);
    let (revoked, expired) = (scene.browser().await, scene.browser().await);
    scene.sessions().revoke(&revoked.token, scene.now).await.unwrap();
    let revoked = scene.ask(&change(&revoked, PASSWORD, NEW)).await;
    scene.pass(12 * 3600);
    let expired = scene.ask(&change(&expired, PASSWORD, NEW)).await;
    assert_eq!([&revoked, &expired], [&made_up; 2]);
    assert!(scene.opens(PASSWORD).await);
}

#[tokio::test]
async fn a_wrong_current_password_is_401_and_the_cookie_stays() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&change(&scene.browser().await, "another password", NEW)).await);
}

#[tokio::test]
async fn a_foreign_origin_is_403() {
    let scene = Scene::fixed().await;
    for request in each(&scene.browser().await) {
        let reply = scene.ask(&request.without("origin").header("origin", "https://evil.example")).await;
        assert_snapshot!("a_foreign_origin_is_403", reply);
    }
}

#[tokio::test]
async fn a_missing_csrf_token_is_403() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    for request in each(&browser) {
        let request = browser.with_cookie(request.without_cookies()).without("x-csrf-token");
        assert_snapshot!("a_missing_csrf_token_is_403", scene.ask(&request).await);
    }
}

#[tokio::test]
async fn another_method_is_405() {
    for route in [CHANGE, RESET, CONFIRM] {
        assert_snapshot!("another_method_is_405", answer(&Request::get(route)).await);
    }
}

#[tokio::test]
async fn a_body_of_more_than_16_kibibytes_is_413() {
    let scene = Scene::fixed().await;
    for request in each(&scene.browser().await) {
        let request = request.text(&format!("{{\"x\":\"{}\"}}", "x".repeat(16 * 1024)));
        assert_snapshot!("a_body_of_more_than_16_kibibytes_is_413", scene.ask(&request).await);
    }
}

#[tokio::test]
async fn a_form_is_415() {
    let scene = Scene::fixed().await;
    for request in each(&scene.browser().await) {
        let form = request.without("content-type").header("content-type", "application/x-www-form-urlencoded");
        assert_snapshot!("a_form_is_415", scene.ask(&form).await);
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_422() {
    assert_snapshot!(answer(&forgotten("ada")).await);
}

#[tokio::test]
async fn a_new_password_that_is_too_long_is_422() {
    let scene = Scene::fixed().await;
    let long = "x".repeat(257);
    for request in [change(&scene.browser().await, PASSWORD, &long), confirm(&scene.mailed(EMAIL).await, &long)] {
        assert_snapshot!("a_new_password_that_is_too_long_is_422", scene.ask(&request).await);
    }
}

#[tokio::test]
async fn a_new_password_that_is_easily_guessed_is_422() {
    let scene = Scene::fixed().await;
    let weak = "password1234";
    for request in [change(&scene.browser().await, PASSWORD, weak), confirm(&scene.mailed(EMAIL).await, weak)] {
        assert_snapshot!("a_new_password_that_is_easily_guessed_is_422", scene.ask(&request).await);
    }
}

#[tokio::test]
async fn too_many_tries_are_429() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    let [wrong, forgotten, _] = [change(&browser, "another password", NEW), forgotten(EMAIL), forgotten(EMAIL)];
    for request in [wrong, forgotten] {
        let mut reply = scene.ask(&request).await;
        for _ in 0..10 {
            reply = if reply.status == 429 { reply } else { scene.ask(&request).await };
        }
        assert_snapshot!("too_many_tries_are_429", reply);
    }
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_the_cookie_stays() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    for request in each(&browser) {
        assert_snapshot!("a_store_that_fails_is_503_and_the_cookie_stays", scene.ask(&request).await);
    }
}
