use crate::support::{LIST, ONE, Scene, removal};
use scene::{Browser, Stores, now, on_both_stores};
use session::Login;

on_both_stores! {
    /// ASVS 3.5.1–3.5.3: also with the CSRF token of another session, and with that of the session before this login.
    async fn no_other_site_can_take_a_way_in_away(stores) {
        let scene = Scene::new(stores, now()).await;
        let (before, other) = (scene.browser().await, scene.browser().await);
        let login = Login {
            account: scene.stores.stored_account(&scene.user_id).await,
            auth_method: "password".to_owned(),
            client: Default::default(),
            presented: Some(&before.token),
        };
        let browser = Browser { token: scene.sessions().create(login, scene.now).await.unwrap().0 };
        let sound = removal(&browser, &scene.linked().await);
        let contents = scene.stores.contents().await;
        for forgery in sound.forgeries(&[before.token.csrf(), other.token.csrf()]) {
            let reply = scene.ask(&forgery).await;
            assert_eq!((reply.status, reply.cookies.len()), (403, 0), "{forgery:?}");
        }
        assert_eq!(scene.stores.contents().await, contents);
        assert_eq!(scene.ask(&sound).await.status, 204);
    }
}

/// ASVS 3.5.3.
#[tokio::test]
async fn safe_methods_change_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, id) = (scene.browser().await, scene.linked().await);
    let contents = scene.stores.contents().await;
    assert_eq!(scene.ask(&browser.get(LIST)).await.status, 200);
    for method in ["HEAD", "OPTIONS", "TRACE"] {
        assert_eq!(scene.ask(&browser.post(LIST).method(method)).await.status, 405, "{method}");
    }
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        let request = browser.post(ONE).method(method).parameter("id", &id);
        assert_eq!(scene.ask(&request).await.status, 405, "{method}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}
