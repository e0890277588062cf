use crate::support::Scene;
use scene::{COOKIE, Request, Stores, each_hostile, now, whatever_is_asked};

const DOCUMENTED: [u16; 5] = [204, 400, 401, 403, 405];

/// ASVS 1.2.1, 2.2.1, 15.3.7: what nobody's session can be ended by ends nobody's session.
#[tokio::test]
async fn no_hostile_text_anywhere_gets_more_than_a_no() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.browser().await;
    let contents = scene.stores.contents().await;
    let unproven = browser.post("/logout").without("x-csrf-token");
    for request in each_hostile(&unproven).iter().chain(&each_hostile(&Request::post("/logout/all"))) {
        let reply = scene.ask(request).await;
        assert!(DOCUMENTED.contains(&reply.status), "{request:?}: {reply:?}");
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// ASVS 2.2.1, 3.4.1–3.4.6.
#[test]
fn no_event_gets_more_than_a_no() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let scene = runtime.block_on(async { Scene::new(Stores::without_redis().await, now()).await });
    let browser = runtime.block_on(scene.browser());
    let contents = runtime.block_on(scene.stores.contents());
    whatever_is_asked(200, &["/logout", "/logout/all"], |request| {
        for request in [request.clone(), request.cookie(COOKIE, &browser.token.expose())] {
            let reply = runtime.block_on(scene.ask(&request));
            assert!(DOCUMENTED.contains(&reply.status), "{reply:?}");
        }
    });
    assert_eq!(runtime.block_on(scene.stores.contents()), contents);
}
