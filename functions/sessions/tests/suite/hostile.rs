use crate::support::{Scene, end};
use scene::{HOSTILE, Stores, now};

/// ASVS 2.2.1: an id is a hash, and nothing else.
#[tokio::test]
async fn no_hostile_id_ends_anything() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.browser().await;
    for text in HOSTILE {
        assert_eq!(scene.ask(&end(&browser, text)).await.status, 404, "{text:?}");
    }
    assert!(scene.lives(&browser.token).await);
}
