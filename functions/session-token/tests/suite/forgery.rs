use crate::support::{ROUTE, scene};
use scene::{Browser, Stores, now, on_both_stores};
use serde_json::json;
use session::Login;

on_both_stores! {
    /// ASVS 3.5.1–3.5.3: also with the CSRF token of another session, and with that of the session before this login.
    async fn no_other_site_can_have_a_token_minted(stores) {
        let scene = scene(stores, now()).await;
        let (before, other) = (scene.browser().await, scene.browser().await);
        let login = Login {
            account: scene.stores.stored_account("ada").await,
            auth_method: "password".to_owned(),
            client: Default::default(),
            presented: Some(&before.token),
        };
        let browser = Browser { token: scene.sessions().create(login, scene.now).await.unwrap().0 };
        let contents = scene.stores.contents().await;
        let sound = browser.post(ROUTE).json(&json!({ "audience": "api" }));
        for forgery in sound.forgeries(&[before.token.csrf(), other.token.csrf()]) {
            let reply = scene.ask(&forgery).await;
            assert_eq!((reply.status, reply.cookies.len()), (403, 0), "{forgery:?}");
        }
        assert_eq!(scene.stores.contents().await, contents);
        assert_eq!(scene.ask(&sound).await.status, 200);
    }
}

/// ASVS 3.5.2.
#[tokio::test]
async fn what_needs_no_permission_of_ours_is_not_read() {
    let scene = scene(Stores::without_redis().await, now()).await;
    let plain = scene.browser().await.post(ROUTE).text(r#"{"audience":"api"}"#);
    let contents = scene.stores.contents().await;
    assert_eq!(scene.ask(&plain).await.status, 415);
    for kind in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"] {
        assert_eq!(scene.ask(&plain.clone().header("content-type", kind)).await.status, 415, "{kind}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// ASVS 3.5.3.
#[tokio::test]
async fn safe_methods_change_nothing() {
    let scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let contents = scene.stores.contents().await;
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        assert_eq!(scene.ask(&browser.post(ROUTE).method(method)).await.status, 405, "{method}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}
