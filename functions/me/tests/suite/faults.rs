use crate::support::Scene;
use scene::{Fault, Stores, now, unavailable};
use serde_json::json;

/// ASVS 16.5.1, 16.5.2: never 401, which would sign people out, and never 200.
#[tokio::test]
async fn without_stores_nobody_is_signed_out() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    scene.stores.go_away().await;
    for query in ["", "slide=false"] {
        unavailable(&scene.ask(&browser.get("/me").query(query)).await);
    }
}

#[tokio::test]
async fn one_store_is_enough() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert_eq!(scene.ask(&browser.get("/me")).await.status, 200);
    scene.stores.dynamo_proxy.heal();
    scene.stores.redis.as_ref().unwrap().kill9().await.unwrap();
    assert_eq!(scene.ask(&browser.get("/me")).await.status, 200);
}

/// ASVS 2.2.1: an unreadable entry in a store is neither a session nor the end of one.
#[tokio::test]
async fn corrupt_records_are_503_and_nobody_elses_session() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let key = format!("session:{}", browser.token.id());
    let id = browser.token.id();
    scene.stores.change("sessions", ("session_id", id.as_str()), |row| row["scopes"] = json!("all")).await;
    for garbage in ["", "null", "{}", "[]", "\"!\"", "{\"user_id\":\"eve\"}", "!!", "\0"] {
        scene.stores.redis_command::<()>(&["SET", &key, garbage, "PX", "60000"]).await;
        unavailable(&scene.ask(&browser.get("/me")).await);
    }
    scene.stores.redis_command::<()>(&["DEL", &key]).await;
    scene.stores.redis_command::<()>(&["HSET", &key, "user_id", "eve"]).await;
    unavailable(&scene.ask(&browser.get("/me")).await);
}

#[tokio::test]
async fn a_corrupt_copy_is_not_needed_while_the_row_is_sound() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let key = format!("session:{}", browser.token.id());
    for garbage in ["", "null", "{\"user_id\":\"eve\"}"] {
        scene.stores.redis_command::<()>(&["SET", &key, garbage, "PX", "60000"]).await;
        let reply = scene.ask(&browser.get("/me")).await;
        assert_eq!((reply.status, &reply.json()["user"]["id"]), (200, &json!("ada")), "{garbage}");
    }
}
