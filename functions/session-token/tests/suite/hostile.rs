use crate::support::{ROUTE, scene};
use scene::{HOSTILE, Stores, now};
use serde_json::json;

/// ASVS 2.2.1.
#[tokio::test]
async fn no_hostile_audience_is_one_of_ours() {
    let scene = scene(Stores::without_redis().await, now()).await;
    let browser = scene.browser().await;
    for text in HOSTILE {
        let reply = scene.ask(&browser.post(ROUTE).json(&json!({ "audience": text }))).await;
        assert_eq!(reply.status, 422, "{text:?}");
        for odd in [json!([text]), json!({ text: 1 }), json!(1)] {
            assert_eq!(scene.ask(&browser.post(ROUTE).json(&json!({ "audience": odd }))).await.status, 400, "{odd}");
        }
    }
}
