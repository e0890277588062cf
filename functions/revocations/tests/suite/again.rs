//! The queue through which each record of a revoked session comes again, in case the first tombstone was lost.

use crate::Scene;
use scene::{RedisFault, Stores, now, redis_command};
use serde_json::{Value, json};
use session::Token;
use std::time::{Duration, Instant};

/// The records of an event that a queue holds back, as the messages that it passes to the function later.
fn messages(event: &Value) -> Value {
    let records = event["Records"].as_array().unwrap().iter();
    let ended = records.filter(|record| record["dynamodb"]["NewImage"]["revoked_at"].is_object());
    let message = |(number, record): (usize, &Value)| json!({ "messageId": format!("message-{number}"), "eventSource": "aws:sqs", "body": record.to_string() });
    json!({ "Records": ended.enumerate().map(message).collect::<Vec<_>>() })
}

/// Waits until the replica at this address has the token's session.
async fn has_copied(replica: &str, token: &Token) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !redis_command::<bool>(replica, &["EXISTS", &format!("session:{}", token.id())]).await {
        assert!(Instant::now() < deadline, "the replica has not caught up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The promoted replica lags so much that it has neither the request's tombstone nor the function's first one.
#[tokio::test]
async fn a_tombstone_that_a_failover_lost_is_there_again_after_the_second_burial() {
    let mut scene = Scene::on(Stores::start().await).await;
    scene.stores.account("ada").await;
    let tokens = [scene.log_in("ada").await, scene.log_in("ada").await];
    scene.stores.redis_command::<()>(&["CONFIG", "SET", "repl-diskless-sync-delay", "0"]).await;
    let port = scene.stores.redis.as_ref().unwrap().port().to_string();
    let replica = scene.stores.another_redis(&[]).await;
    redis_command::<()>(&replica.url(), &["REPLICAOF", "127.0.0.1", &port]).await;
    for token in &tokens {
        has_copied(&replica.url(), token).await;
    }
    redis_command::<()>(&replica.url(), &["REPLICAOF", "NO", "ONE"]).await;

    scene.sessions.revoke_all(&tokens[0], now()).await.unwrap().unwrap();
    let event = scene.streams.event().await;
    assert_eq!(scene.call(event.clone()).await, [""; 0]);
    for token in &tokens {
        assert!(scene.is_buried(token).await && !scene.is_alive(token).await);
    }
    scene.stores.redis_proxy.as_ref().unwrap().fail_over_to(replica.port());
    for token in &tokens {
        assert!(scene.is_alive(token).await, "the replica knows of no tombstone");
    }
    assert_eq!(scene.call(messages(&event)).await, [""; 0]);
    for token in &tokens {
        assert!(!scene.is_alive(token).await);
    }
}

#[tokio::test]
async fn messages_that_redis_refuses_are_named_and_come_again() {
    let (mut scene, tokens) = Scene::with_sessions(2).await;
    for token in &tokens {
        scene.sessions.revoke(token, now()).await.unwrap().unwrap();
    }
    let messages = messages(&scene.streams.event().await);
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    let mut failed = scene.call(messages.clone()).await;
    failed.sort();
    assert_eq!(failed, ["message-0", "message-1"]);
    scene.stores.redis_proxy.as_ref().unwrap().heal();
    scene.stores.flush_redis().await;
    assert_eq!(scene.call(messages).await, [""; 0]);
    assert!(scene.is_buried(&tokens[0]).await && scene.is_buried(&tokens[1]).await);
}

/// If it were sent again, it would still be unreadable.
#[tokio::test]
async fn a_message_that_holds_no_record_keeps_no_other_back() {
    let (mut scene, tokens) = Scene::with_sessions(1).await;
    scene.sessions.revoke(&tokens[0], now()).await.unwrap().unwrap();
    let mut messages = messages(&scene.streams.event().await);
    scene.stores.flush_redis().await;
    for body in [json!("no record"), json!("{}"), json!(7), Value::Null] {
        let message = json!({ "messageId": "m", "eventSource": "aws:sqs", "body": body });
        messages["Records"].as_array_mut().unwrap().insert(0, message);
    }
    assert_eq!(scene.call(messages).await, [""; 0]);
    assert!(scene.is_buried(&tokens[0]).await);
}
