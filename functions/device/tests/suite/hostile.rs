use crate::support::{EMAIL, LOGIN, PASSWORD, REFRESH, Scene, app};
use scene::{HOSTILE, Stores, now};
use serde_json::json;

/// ASVS 2.2.1, 15.3.3, 15.3.5.
#[tokio::test]
async fn no_hostile_member_gets_in() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for text in HOSTILE {
        for member in ["email", "password"] {
            let mut body = json!({ "email": EMAIL, "password": PASSWORD, "device_name": "Phone" });
            body[member] = json!(text);
            let reply = scene.ask(&app(LOGIN, &body)).await;
            assert!([401, 422, 429].contains(&reply.status), "{member} {text:?}: {reply:?}");
        }
        for odd in [json!([text]), json!({ text: 1 }), json!(1), json!(null)] {
            assert_eq!(scene.ask(&app(REFRESH, &json!({ "refresh_token": odd }))).await.status, 400, "{odd}");
        }
    }
}
