//! Stores that do not refuse, but do not answer.

use crate::Scene;
use scene::{Fault, Logs, Stores};
use serde_json::json;
use std::time::{Duration, Instant};

/// The clients' time limits, with some reserve for a slow machine.
const PATIENCE: Duration = Duration::from_secs(6);

#[tokio::test]
async fn a_redis_that_is_frozen_is_told_in_time_and_so_is_its_return() {
    let scene = Scene::new().await;
    let redis = scene.stores.redis.as_ref().unwrap();
    assert_eq!(scene.ask().await.status, 200);
    redis.stop_signal().unwrap();
    let started = Instant::now();
    let reply = scene.ask_after(1000).await;
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    redis.cont_signal().unwrap();
    assert_eq!(reply.status, 503);
    assert_eq!(reply.json(), json!({ "status": "unavailable", "redis": "unavailable", "dynamodb": "ok" }));
    assert_eq!(scene.ask_after(2000).await.status, 200);
}

#[tokio::test]
async fn a_dynamodb_that_hangs_is_told_in_time_and_so_is_its_return() {
    let scene = Scene::on(Stores::without_redis().await);
    scene.stores.dynamo_proxy.break_all(None, Fault::Hang);
    let started = Instant::now();
    let reply = scene.ask().await;
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert_eq!(reply.json(), json!({ "status": "unavailable", "redis": "none", "dynamodb": "unavailable" }));
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.ask_after(1000).await.status, 200);
}

#[tokio::test]
async fn a_table_that_is_missing_is_no_answer() {
    let scene = Scene::on(Stores::without_redis().await);
    let name = scene.stores.dynamo().table("sessions");
    scene.stores.dynamo_itself().client().delete_table().table_name(name).send().await.unwrap();
    assert_eq!(scene.ask().await.json()["dynamodb"], "unavailable");
}

/// Only the log says why.
#[tokio::test]
async fn the_log_says_which_and_why() {
    let scene = Scene::new().await;
    scene.stores.go_away().await;
    let logs = Logs::capture();
    let reply = scene.ask().await;
    let lines = logs.lines();
    let mut stores: Vec<_> = lines.iter().filter_map(|line| line["store"].as_str()).collect();
    stores.sort_unstable();
    assert_eq!(stores, ["DynamoDB", "Redis"], "{}", logs.text());
    assert_eq!((lines.len(), &lines[2]["status"]), (3, &503.into()), "{}", logs.text());
    assert!(lines.iter().all(|line| line["request_id"] == "JKJaXmPLvHcESHA="), "{}", logs.text());
    assert!(!reply.body.contains("127.0.0.1") && !reply.body.contains("500"), "{reply:?}");
}
