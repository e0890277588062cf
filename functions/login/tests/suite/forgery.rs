use crate::support::{EMAIL, PASSWORD, Scene, credentials, start, token};
use scene::{Browser, Request, Stores, now, on_both_stores};

on_both_stores! {
    /// ASVS 3.5.1–3.5.3: also with the CSRF token of another session, and with that of the session before this login.
    async fn no_other_site_can_change_who_is_signed_in(stores) {
        let scene = Scene::new(stores, now()).await;
        let (before, other) = (scene.sign_in().await, scene.sign_in().await);
        let request = before.with_cookie(credentials(EMAIL, PASSWORD)).header("x-csrf-token", &before.token.csrf());
        let browser = Browser { token: token(&scene.ask(&request).await) };

        let sound = browser.with_cookie(credentials(EMAIL, PASSWORD)).header("x-csrf-token", &browser.token.csrf());
        let contents = scene.stores.contents().await;
        for forgery in sound.forgeries(&[before.token.csrf(), other.token.csrf()]) {
            let reply = scene.ask(&forgery).await;
            assert_eq!((reply.status, reply.cookies.len()), (403, 0), "{forgery:?}");
        }
        assert_eq!(scene.stores.contents().await, contents);
        assert_eq!(scene.ask(&sound).await.status, 200);
    }
}

/// ASVS 3.5.1: without a session a site could sign somebody in as somebody else.
#[tokio::test]
async fn no_other_site_can_sign_somebody_in() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let contents = scene.stores.contents().await;
    for origin in ["https://evil.example", "null"] {
        let request = credentials(EMAIL, PASSWORD).without("origin").header("origin", origin);
        assert_eq!(scene.ask(&request).await.status, 403);
    }
    let request = credentials(EMAIL, PASSWORD).without("origin").without("sec-fetch-site");
    assert_eq!(scene.ask(&request.header("sec-fetch-site", "cross-site")).await.status, 403);
    assert_eq!(scene.stores.contents().await, contents);
}

/// ASVS 3.5.2: what a form can send is not read.
#[tokio::test]
async fn what_needs_no_permission_of_ours_is_not_read() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let contents = scene.stores.contents().await;
    let plain = credentials(EMAIL, PASSWORD).without("content-type");
    assert_eq!(scene.ask(&plain).await.status, 415);
    for kind in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"] {
        assert_eq!(scene.ask(&plain.clone().header("content-type", kind)).await.status, 415, "{kind}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// ASVS 3.5.3.
#[tokio::test]
async fn safe_methods_change_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.sign_in().await;
    let contents = scene.stores.contents().await;
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        let request = browser.with_cookie(credentials(EMAIL, PASSWORD)).header("x-csrf-token", &browser.token.csrf());
        assert_eq!(scene.ask(&request.method(method)).await.status, 405, "{method}");
    }
    assert_eq!(scene.ask(&browser.with_cookie(start())).await.status, 302);
    for method in ["HEAD", "OPTIONS", "TRACE"] {
        let request = Request::new(method, "/login/{provider}").parameter("provider", "acme");
        assert_eq!(scene.ask(&browser.with_cookie(request)).await.status, 405, "{method}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}
