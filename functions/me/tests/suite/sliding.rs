//! A use keeps a session alive; a check that does not count as use does not. ASVS 7.3.1, 7.3.2.

use crate::support::Scene;
use jiff::SignedDuration;
use scene::{COOKIE, Stores, now, on_both_stores, then};
use session::Policy;

on_both_stores! {
    /// The browser's cookie and our session end together.
    async fn a_use_that_renews_writes_the_cookie_again_and_no_other_does(stores) {
        let scene = Scene::new(stores, now()).await;
        let (fresh, due) = (scene.browser_since(290).await, scene.browser_since(300).await);
        assert!(scene.ask(&fresh.get("/me")).await.cookies.is_empty());
        let renewed = scene.ask(&due.get("/me")).await;
        let secret = due.token.expose();
        let cookie = format!("{COOKIE}={}; HttpOnly; SameSite=None; Secure; Path=/; Max-Age=43200", *secret);
        assert_eq!(renewed.cookies, [cookie]);
        assert_eq!(renewed.json()["session"]["expires_at"], (scene.now + Policy::default().idle).to_string());
        let began = scene.now - SignedDuration::from_secs(300);
        assert_eq!(renewed.json()["session"]["created_at"], began.to_string());
        assert!(scene.ask(&due.get("/me")).await.cookies.is_empty(), "once");
    }

    async fn a_look_that_must_not_slide_does_not(stores) {
        let scene = Scene::new(stores, now()).await;
        let browser = scene.browser_since(3600).await;
        let contents = scene.stores.contents().await;
        let reply = scene.ask(&browser.get("/me").query("slide=false")).await;
        assert_eq!((reply.status, reply.cookies.len()), (200, 0));
        assert_eq!(scene.stores.contents().await, contents);
        assert_eq!(scene.ask(&browser.get("/me").query("slide=true")).await.cookies.len(), 1);
    }

    /// ASVS 3.5.3: a check of a fresh session writes nothing at all.
    async fn a_fresh_session_is_not_touched(stores) {
        let scene = Scene::new(stores, now()).await;
        let browser = scene.browser().await;
        let contents = scene.stores.contents().await;
        for method in ["GET", "HEAD", "OPTIONS", "POST", "DELETE"] {
            assert_eq!(scene.ask(&browser.get("/me").method(method)).await.status == 200, method == "GET");
        }
        assert_eq!(scene.stores.contents().await, contents);
    }

    /// ASVS 7.2.4, 14.2.1: a reader of the answer learns nothing that opens the session elsewhere.
    async fn the_answer_holds_the_csrf_token_and_not_the_secret(stores) {
        let scene = Scene::new(stores, now()).await;
        let browser = scene.browser().await;
        let reply = scene.ask(&browser.get("/me")).await;
        assert_eq!(reply.json()["csrf_token"], browser.token.csrf());
        assert_eq!(reply.json()["session"]["id"], browser.token.id().as_str());
        assert!(!reply.body.contains(&**browser.token.expose()));
    }
}

/// ASVS 7.3.1, 7.3.2: to the millisecond, by the clock of the request.
#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
    let mut scene = Scene::fixed().await;
    let browser = scene.browser().await;
    let idle = Policy::default().idle;
    scene.now = then() + idle - std::time::Duration::from_millis(1);
    assert_eq!(scene.ask(&browser.get("/me").query("slide=false")).await.status, 200);
    scene.now = then() + idle;
    assert_eq!(scene.ask(&browser.get("/me").query("slide=false")).await.status, 401);

    let mut scene = Scene::fixed().await;
    let browser = scene.browser().await;
    for _ in 0..15 {
        scene.pass(11 * 3600);
        assert_eq!(scene.ask(&browser.get("/me")).await.status, 200);
    }
    // 165 of 168 hours: the rest is less than the idle time, and the cookie says so.
    let reply = scene.ask(&browser.get("/me")).await;
    assert_eq!(reply.json()["session"]["expires_at"], reply.json()["session"]["absolute_expires_at"]);
    scene.pass(3 * 3600 - 1);
    let last = scene.ask(&browser.get("/me")).await;
    assert!(last.cookies[0].ends_with("; Max-Age=1"), "{last:?}");
    scene.pass(1);
    assert_eq!(scene.ask(&browser.get("/me")).await.status, 401);
}

/// A warm session costs one round trip.
#[tokio::test]
async fn a_warm_session_asks_redis_once_and_dynamodb_never() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    scene.ask(&browser.get("/me")).await;
    let redis = scene.stores.redis_proxy.as_ref().unwrap();
    let (trips, calls) = (redis.round_trips(), scene.stores.dynamo_proxy.calls());
    assert_eq!(scene.ask(&browser.get("/me")).await.status, 200);
    assert_eq!((redis.round_trips() - trips, scene.stores.dynamo_proxy.calls() - calls), (1, 0));
}
