use crate::support::{CHANGE, CONFIRM, EMAIL, NEW, PASSWORD, RESET, Scene, change, confirm, forgotten};
use scene::{Stores, now, on_both_stores};

on_both_stores! {
    /// ASVS 3.5.1–3.5.3: also with the CSRF token of another session.
    async fn no_other_site_can_touch_a_password(stores) {
        let scene = Scene::new(stores, now()).await;
        let (browser, other, mail) = (scene.browser().await, scene.browser().await, scene.mailed(EMAIL).await);
        let with_session = |request| browser.with_cookie(request).header("x-csrf-token", &browser.token.csrf());
        let sound = [change(&browser, PASSWORD, NEW), with_session(forgotten(EMAIL)), with_session(confirm(&mail, NEW))];
        let contents = scene.stores.contents().await;
        for forgery in sound.iter().flat_map(|request| request.forgeries(&[other.token.csrf()])) {
            let reply = scene.ask(&forgery).await;
            assert_eq!((reply.status, reply.cookies.len()), (403, 0), "{forgery:?}");
        }
        assert_eq!(scene.stores.contents().await, contents);
        assert_eq!(scene.ask(&sound[0]).await.status, 200);
    }
}

/// ASVS 3.5.1: without a session, too.
#[tokio::test]
async fn no_other_site_can_use_a_mail() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let mail = scene.mailed(EMAIL).await;
    let contents = scene.stores.contents().await;
    for request in [forgotten(EMAIL), confirm(&mail, NEW)] {
        for origin in ["https://evil.example", "null"] {
            let forgery = request.clone().without("origin").header("origin", origin);
            assert_eq!(scene.ask(&forgery).await.status, 403);
        }
        let forgery = request.without("origin").without("sec-fetch-site").header("sec-fetch-site", "cross-site");
        assert_eq!(scene.ask(&forgery).await.status, 403);
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// ASVS 3.5.2.
#[tokio::test]
async fn what_needs_no_permission_of_ours_is_not_read() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let (browser, mail) = (scene.browser().await, scene.mailed(EMAIL).await);
    let contents = scene.stores.contents().await;
    for request in [change(&browser, PASSWORD, NEW), forgotten(EMAIL), confirm(&mail, NEW)] {
        let plain = request.without("content-type");
        assert_eq!(scene.ask(&plain).await.status, 415);
        for kind in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"] {
            assert_eq!(scene.ask(&plain.clone().header("content-type", kind)).await.status, 415, "{kind}");
        }
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// ASVS 3.5.3: following the link in a mail sets nothing.
#[tokio::test]
async fn safe_methods_change_nothing() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let (browser, mail) = (scene.browser().await, scene.mailed(EMAIL).await);
    let contents = scene.stores.contents().await;
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        assert_eq!(scene.ask(&change(&browser, PASSWORD, NEW).method(method)).await.status, 405, "{CHANGE} {method}");
        assert_eq!(scene.ask(&forgotten(EMAIL).method(method)).await.status, 405, "{RESET} {method}");
        assert_eq!(scene.ask(&confirm(&mail, NEW).method(method)).await.status, 405, "{CONFIRM} {method}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}
