use crate::support::{Scene, end, end_others};
use scene::{Stores, now, on_both_stores};

on_both_stores! {
    /// ASVS 3.5.1–3.5.3.
    async fn no_other_site_can_end_a_session(stores) {
        let scene = Scene::new(stores, now()).await;
        let (browser, other) = (scene.browser_of("ada").await, scene.browser_of("ada").await);
        let contents = scene.stores.contents().await;
        for sound in [end(&browser, other.token.id().as_str()), end_others(&browser)] {
            for forgery in sound.forgeries(&[other.token.csrf()]) {
                let reply = scene.ask(&forgery).await;
                assert_eq!((reply.status, reply.cookies.len()), (403, 0), "{forgery:?}");
            }
        }
        assert_eq!(scene.stores.contents().await, contents);
    }
}

/// ASVS 3.5.3.
#[tokio::test]
async fn safe_methods_change_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser_of("ada").await;
    let contents = scene.stores.contents().await;
    for (method, status) in [("GET", 200), ("HEAD", 405), ("OPTIONS", 405), ("TRACE", 405)] {
        assert_eq!(scene.ask(&end_others(&browser).method(method)).await.status, status, "{method}");
        assert_eq!(scene.ask(&end(&browser, browser.token.id().as_str()).method(method)).await.status, 405, "{method}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}
