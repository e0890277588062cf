//! What the log says about a batch.

use crate::Scene;
use scene::{Fault, Logs, RedisFault, now};
use serde_json::json;

#[tokio::test]
async fn a_batch_is_one_line_with_what_came_of_it() {
    let (mut scene, tokens) = Scene::with_sessions(3).await;
    scene.sessions.revoke(&tokens[0], now()).await.unwrap();
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    assert!(scene.sessions.revoke_all(&tokens[1], now()).await.is_err());
    proxy.heal();
    let event = scene.streams.event().await;
    let logs = Logs::capture();
    assert_eq!(scene.call(event.clone()).await, [""; 0]);
    let [line] = &logs.of("session")[..] else { panic!("one line: {}", logs.text()) };
    assert_eq!((&line["level"], &line["event"]), (&json!("INFO"), &json!("followed")));
    assert_eq!(line["records"], event["Records"].as_array().unwrap().len());
    assert_eq!((&line["buried"], &line["finished"], &line["failed"]), (&json!(3), &json!(1), &json!(0)));

    let logs = Logs::capture();
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    scene.call(event).await;
    let [line] = &logs.of("session")[..] else { panic!("one line: {}", logs.text()) };
    assert_eq!(line["level"], "ERROR");
    assert!(line["cause"].as_str().unwrap().contains("DynamoDB is unavailable"), "{line}");
    assert_eq!((&line["buried"], &line["finished"]), (&json!(3), &json!(0)));
}

#[tokio::test]
async fn an_event_without_records_is_no_line() {
    let (scene, _) = Scene::with_sessions(0).await;
    let logs = Logs::capture();
    for event in [json!({}), json!({ "Records": [] })] {
        assert_eq!(scene.report(event).await, json!({ "batchItemFailures": [] }));
    }
    assert!(logs.lines().is_empty(), "{}", logs.text());
}
