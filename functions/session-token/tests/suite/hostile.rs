use crate::support::{ROUTE, scene};
use scene::{COOKIE, HOSTILE, Request, Stores, each_hostile, now, whatever_is_asked};
use serde_json::json;

const DOCUMENTED: [u16; 8] = [200, 400, 401, 403, 405, 413, 415, 422];

/// ASVS 1.2.1, 2.2.1, 15.3.7.
#[tokio::test]
async fn no_hostile_text_anywhere_gets_more_than_a_no() {
    let scene = scene(Stores::without_redis().await, now()).await;
    for request in each_hostile(&Request::post(ROUTE).json(&json!({ "audience": "api" }))) {
        let reply = scene.ask(&request).await;
        assert!([400, 401, 403].contains(&reply.status), "{request:?}: {reply:?}");
    }
    let browser = scene.browser().await;
    for text in HOSTILE {
        let reply = scene.ask(&browser.post(ROUTE).json(&json!({ "audience": text }))).await;
        assert_eq!(reply.status, 422, "{text:?}");
        for odd in [json!([text]), json!({ text: 1 }), json!(1)] {
            assert_eq!(scene.ask(&browser.post(ROUTE).json(&json!({ "audience": odd }))).await.status, 400, "{odd}");
        }
    }
}

/// ASVS 2.2.1, 3.4.1–3.4.6.
#[test]
fn no_event_gets_more_than_a_no() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let scene = runtime.block_on(async { scene(Stores::without_redis().await, now()).await });
    let browser = runtime.block_on(scene.browser());
    whatever_is_asked(200, &[ROUTE], |request| {
        let proven =
            request.clone().cookie(COOKIE, &browser.token.expose()).header("x-csrf-token", &browser.token.csrf());
        for request in [request, proven] {
            let reply = runtime.block_on(scene.ask(&request));
            assert!(DOCUMENTED.contains(&reply.status), "{reply:?}");
        }
    });
}
