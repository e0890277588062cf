use crate::support::{ROUTES, Scene};
use scene::{Browser, Stores, now, on_both_stores};
use serde_json::json;
use session::Login;

/// The browser after one more login in it, which has replaced its session.
async fn sign_in_again(scene: &Scene, before: &Browser) -> Browser {
    let login = Login {
        account: scene.stores.stored_account("ada").await,
        auth_method: "password".to_owned(),
        client: Default::default(),
        presented: Some(&before.token),
    };
    Browser { token: scene.sessions().create(login, scene.now).await.unwrap().0 }
}

on_both_stores! {
    /// ASVS 3.5.1–3.5.3: also with the CSRF token of another session, and with that of the session before this login.
    async fn no_other_site_can_sign_somebody_out(stores) {
        let scene = Scene::new(stores, now()).await;
        let (before, other) = (scene.browser().await, scene.browser().await);
        let browser = sign_in_again(&scene, &before).await;
        let contents = scene.stores.contents().await;
        for route in ROUTES {
            let sound = browser.post(route).json(&json!({}));
            for forgery in sound.forgeries(&[before.token.csrf(), other.token.csrf()]) {
                let reply = scene.ask(&forgery).await;
                assert_eq!((reply.status, reply.cookies.len()), (403, 0), "{forgery:?}");
            }
        }
        assert_eq!(scene.stores.contents().await, contents);
        assert!(scene.lives(&browser.token).await && scene.lives(&other.token).await);
    }
}

/// ASVS 3.5.3.
#[tokio::test]
async fn safe_methods_change_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let contents = scene.stores.contents().await;
    for route in ROUTES {
        for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
            assert_eq!(scene.ask(&browser.post(route).method(method)).await.status, 405, "{method} {route}");
        }
    }
    assert_eq!(scene.stores.contents().await, contents);
}
