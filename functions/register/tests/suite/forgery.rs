use crate::support::{EMAIL, PASSWORD, REGISTER, Scene, VERIFY, proof, wanted};
use scene::{Stores, now, on_both_stores};
use users::Challenge;

on_both_stores! {
    /// ASVS 3.5.1–3.5.3: login CSRF by way of an account of the attacker's.
    async fn no_other_site_can_change_who_is_signed_in(stores) {
        let scene = Scene::new(stores, now());
        let (browser, other) = (scene.browser("eve").await, scene.browser("mallory").await);
        let mail = scene.mailed(EMAIL).await;
        let sound = browser.with_cookie(proof(&mail)).header("x-csrf-token", &browser.token.csrf());
        let contents = scene.stores.contents().await;
        for forgery in sound.forgeries(&[other.token.csrf()]) {
            let reply = scene.ask(&forgery).await;
            assert_eq!((reply.status, reply.cookies.len()), (403, 0), "{forgery:?}");
        }
        assert_eq!(scene.stores.contents().await, contents);
        assert_eq!(scene.ask(&sound).await.status, 201);
    }
}

/// ASVS 3.5.1: neither with a session nor without.
#[tokio::test]
async fn no_other_site_can_ask_for_an_account() {
    let scene = Scene::new(Stores::start().await, now());
    let browser = scene.browser("eve").await;
    let contents = scene.stores.contents().await;
    let sound = browser.with_cookie(wanted(EMAIL, PASSWORD)).header("x-csrf-token", &browser.token.csrf());
    for forgery in sound.forgeries(&[]) {
        assert_eq!(scene.ask(&forgery).await.status, 403, "{forgery:?}");
    }
    for request in [wanted(EMAIL, PASSWORD), proof(&Challenge::generate().unwrap())] {
        for origin in ["https://evil.example", "null"] {
            let forgery = request.clone().without("origin").header("origin", origin);
            assert_eq!(scene.ask(&forgery).await.status, 403);
        }
        let forgery = request.without("origin").without("sec-fetch-site").header("sec-fetch-site", "cross-site");
        assert_eq!(scene.ask(&forgery).await.status, 403);
    }
    assert_eq!(scene.stores.contents().await, contents);
    assert_eq!(scene.ask(&sound).await.status, 202);
}

/// ASVS 3.5.2.
#[tokio::test]
async fn what_needs_no_permission_of_ours_is_not_read() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let contents = scene.stores.contents().await;
    for request in [wanted(EMAIL, PASSWORD), proof(&Challenge::generate().unwrap())] {
        let plain = request.without("content-type");
        assert_eq!(scene.ask(&plain).await.status, 415);
        for kind in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"] {
            assert_eq!(scene.ask(&plain.clone().header("content-type", kind)).await.status, 415, "{kind}");
        }
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// ASVS 3.5.3: a mail's link leads to a page, which asks; following it makes no account.
#[tokio::test]
async fn safe_methods_change_nothing() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let mail = scene.mailed(EMAIL).await;
    let contents = scene.stores.contents().await;
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        assert_eq!(scene.ask(&proof(&mail).method(method)).await.status, 405, "{VERIFY} {method}");
        assert_eq!(scene.ask(&wanted(EMAIL, PASSWORD).method(method)).await.status, 405, "{REGISTER} {method}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}
