use crate::support::{Scene, removal};
use scene::{HOSTILE, Stores, now};

/// ASVS 1.2.1, 1.2.4, 2.2.1: an id is compared, and is part of no request to a store.
#[tokio::test]
async fn no_hostile_id_takes_anything_away() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.browser().await;
    let id = scene.linked().await;
    let contents = scene.stores.contents().await;
    let near = [id[..42].to_owned(), format!("{id}="), format!(" {id}"), format!("{id}\0"), id.to_lowercase()];
    for text in HOSTILE.iter().map(|text| (*text).to_owned()).chain(near) {
        let reply = scene.ask(&removal(&browser, &text)).await;
        assert_eq!((reply.status, &*reply.problem()), (404, "not-found"), "{text:?}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}
