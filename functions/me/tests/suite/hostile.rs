use crate::support::Scene;
use scene::{COOKIE, Request, Stores, each_hostile, now, whatever_is_asked};

const DOCUMENTED: [u16; 4] = [200, 400, 401, 405];

/// ASVS 1.2.1, 2.2.1, 15.3.7.
#[tokio::test]
async fn no_hostile_text_anywhere_gets_more_than_a_no() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for request in each_hostile(&Request::get("/me")) {
        let reply = scene.ask(&request).await;
        assert!([400, 401].contains(&reply.status), "{request:?}: {reply:?}");
    }
}

/// ASVS 2.2.1, 3.4.1–3.4.6.
#[test]
fn no_event_gets_more_than_a_no() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let scene = runtime.block_on(async { Scene::new(Stores::start().await, now()).await });
    let browser = runtime.block_on(scene.browser());
    let contents = runtime.block_on(scene.stores.contents());
    whatever_is_asked(200, &["/me"], |request| {
        for request in [request.clone(), request.cookie(COOKIE, &browser.token.expose())] {
            let reply = runtime.block_on(scene.ask(&request));
            assert!(DOCUMENTED.contains(&reply.status), "{reply:?}");
        }
    });
    assert_eq!(runtime.block_on(scene.stores.contents()), contents);
}
