use crate::support::{EMAIL, LOGIN, LOGOUT, PASSWORD, REFRESH, Scene, app};
use scene::{HOSTILE, Stores, each_hostile, now, whatever_is_asked};
use serde_json::json;

const DOCUMENTED: [u16; 10] = [200, 204, 400, 401, 403, 405, 413, 415, 422, 429];

/// ASVS 1.2.1, 2.2.1, 15.3.3, 15.3.5.
#[tokio::test]
async fn no_hostile_text_anywhere_gets_more_than_a_no() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let body = json!({ "refresh_token": "x" });
    for (route, documented) in [(REFRESH, &[400, 401, 403, 415, 429][..]), (LOGOUT, &[204, 400, 403, 415])] {
        for request in each_hostile(&app(route, &body)) {
            let reply = scene.ask(&request).await;
            assert!(documented.contains(&reply.status), "{request:?}: {reply:?}");
        }
    }
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

/// ASVS 2.2.1, 3.4.1–3.4.6.
#[test]
fn no_event_gets_more_than_a_no() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let scene = runtime.block_on(async { Scene::new(Stores::without_redis().await, now()).await });
    whatever_is_asked(200, &[LOGIN, REFRESH, LOGOUT], |request| {
        let reply = runtime.block_on(scene.ask(&request));
        assert!(DOCUMENTED.contains(&reply.status), "{reply:?}");
    });
}
