use crate::support::{ALL, ONE, Scene, end};
use scene::{COOKIE, HOSTILE, Request, Stores, each_hostile, now, whatever_is_asked};

const DOCUMENTED: [u16; 7] = [200, 204, 400, 401, 403, 404, 405];

/// ASVS 1.2.1, 2.2.1, 15.3.7.
#[tokio::test]
async fn no_hostile_text_anywhere_gets_more_than_a_no() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for request in each_hostile(&Request::post(ONE).method("DELETE").parameter("id", "x")) {
        let reply = scene.ask(&request).await;
        assert!([400, 401, 403].contains(&reply.status), "{request:?}: {reply:?}");
    }
    let browser = scene.browser_of("ada").await;
    for text in HOSTILE {
        assert_eq!(scene.ask(&end(&browser, text)).await.status, 404, "{text:?}");
    }
}

/// ASVS 2.2.1, 3.4.1–3.4.6.
#[test]
fn no_event_gets_more_than_a_no() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let scene = runtime.block_on(async { Scene::new(Stores::without_redis().await, now()).await });
    let browser = runtime.block_on(scene.browser_of("ada"));
    whatever_is_asked(200, &[ALL, ONE], |request| {
        let proven =
            request.clone().cookie(COOKIE, &browser.token.expose()).header("x-csrf-token", &browser.token.csrf());
        let delete = proven.clone().method("DELETE");
        for request in [request, proven, delete] {
            let reply = runtime.block_on(scene.ask(&request));
            assert!(DOCUMENTED.contains(&reply.status), "{reply:?}");
        }
    });
}
