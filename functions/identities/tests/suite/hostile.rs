use crate::support::{LIST, ONE, Scene, removal};
use scene::{COOKIE, HOSTILE, Request, Stores, each_hostile, now, whatever_is_asked};

const DOCUMENTED: [u16; 6] = [200, 400, 401, 403, 404, 405];

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

/// ASVS 1.2.1, 2.2.1, 15.3.7.
#[tokio::test]
async fn no_hostile_text_anywhere_gets_more_than_a_no() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let contents = scene.stores.contents().await;
    for request in
        each_hostile(&Request::get(LIST)).iter().chain(&each_hostile(&Request::post(ONE).method("DELETE").fill("x")))
    {
        let reply = scene.ask(request).await;
        assert!([400, 401, 403].contains(&reply.status), "{request:?}: {reply:?}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// ASVS 2.2.1, 3.4.1–3.4.6.
#[test]
fn no_event_gets_more_than_a_no() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let scene = runtime.block_on(async { Scene::new(Stores::without_redis().await, now()).await });
    let browser = runtime.block_on(scene.browser());
    whatever_is_asked(200, &[LIST, ONE], |request| {
        let proven =
            request.clone().cookie(COOKIE, &browser.token.expose()).header("x-csrf-token", &browser.token.csrf());
        for request in [request, proven.clone(), proven.method("DELETE")] {
            let reply = runtime.block_on(scene.ask(&request));
            assert!(DOCUMENTED.contains(&reply.status), "{reply:?}");
        }
    });
}
