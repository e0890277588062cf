//! Rows of sessions that are removed.

use crate::{Scene, numbers};
use scene::{Fault, Stores, now};
use serde_json::{Value, json};
use session::{Policy, Token};

/// The record of a row's removal, not by its time to live.
async fn removal(scene: &mut Scene, token: &Token) -> Value {
    scene.remove_row(token).await;
    let event = scene.streams.event().await;
    assert_eq!(event["Records"][0]["eventName"], "REMOVE");
    event
}

#[tokio::test]
async fn a_session_whose_row_is_taken_away_by_hand_ends_in_redis() {
    let (mut scene, tokens) = Scene::with_sessions(2).await;
    let event = removal(&mut scene, &tokens[0]).await;
    assert!(scene.is_alive(&tokens[0]).await);
    assert_eq!(scene.call(event).await, [""; 0]);
    assert!(!scene.is_alive(&tokens[0]).await && scene.is_buried(&tokens[0]).await);
    assert!(scene.is_alive(&tokens[1]).await);
}

#[tokio::test]
async fn a_row_that_is_back_by_then_decides_again() {
    let (mut scene, tokens) = Scene::with_sessions(1).await;
    let row = scene.stores.row("sessions", ("session_id", tokens[0].id().as_str())).await.unwrap();
    let event = removal(&mut scene, &tokens[0]).await;
    scene.stores.put("sessions", &row).await;
    assert_eq!(scene.call(event.clone()).await, [""; 0]);
    assert!(scene.is_alive(&tokens[0]).await);
    scene.sessions.revoke(&tokens[0], now()).await.unwrap();
    scene.stores.flush_redis().await;
    assert_eq!(scene.call(event).await, [""; 0]);
    assert!(scene.is_buried(&tokens[0]).await);
}

#[tokio::test]
async fn a_removal_that_cannot_be_looked_into_is_reported() {
    let (mut scene, tokens) = Scene::with_sessions(1).await;
    let event = removal(&mut scene, &tokens[0]).await;
    scene.stores.dynamo_proxy.break_all(Some("GetItem"), Fault::Fail);
    assert_eq!(scene.call(event.clone()).await, numbers(&event));
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.call(event).await, [""; 0]);
}

/// 90 days after the end of the session. The embedded DynamoDB does not expire rows, so the record is marked as AWS
/// marks it (Amazon DynamoDB Developer Guide, "DynamoDB Streams and Time to Live").
#[tokio::test]
async fn a_row_whose_time_has_come_costs_nothing() {
    let (mut scene, tokens) = Scene::with_sessions(1).await;
    let mut event = removal(&mut scene, &tokens[0]).await;
    event["Records"][0]["userIdentity"] = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
    let redis = scene.stores.redis_proxy.as_ref().unwrap();
    let before = (scene.stores.dynamo_proxy.calls(), redis.round_trips());
    assert_eq!(scene.call(event.clone()).await, [""; 0]);
    assert_eq!((scene.stores.dynamo_proxy.calls(), redis.round_trips()), before);
    assert!(!scene.is_buried(&tokens[0]).await);
    // Another name in the same place means an operator or a program.
    event["Records"][0]["userIdentity"]["principalId"] = "an-operator".into();
    assert_eq!(scene.call(event).await, [""; 0]);
    assert!(scene.is_buried(&tokens[0]).await);
}

#[tokio::test]
async fn a_device_whose_row_is_taken_away_leaves_nothing_in_redis() {
    let mut scene = Scene::on(Stores::start().await).await;
    scene.stores.account("ada").await;
    let login = scene.login("ada").await;
    let (_, session) =
        scene.stores.sessions(Policy::default()).create_device(login, "phone".to_owned(), now()).await.unwrap();
    scene.streams.events().await;
    let dynamo = scene.stores.dynamo_itself();
    let delete = dynamo.client().delete_item().table_name(dynamo.table("sessions"));
    delete.key("session_id", dynamo::text(&session.id)).send().await.unwrap();
    assert_eq!(scene.follow().await, [""; 0]);
    assert_eq!(scene.stores.redis_command::<usize>(&["DBSIZE"]).await, 0);
}

#[tokio::test]
async fn a_user_who_is_taken_away_costs_nothing() {
    let (mut scene, _) = Scene::with_sessions(1).await;
    let dynamo = scene.stores.dynamo_itself();
    let delete = dynamo.client().delete_item().table_name(dynamo.table("users"));
    delete.key("user_id", dynamo::text("ada")).send().await.unwrap();
    let event = scene.streams.event().await;
    assert_eq!(event["Records"][0]["eventName"], "REMOVE");
    let before = scene.stores.dynamo_proxy.calls();
    assert_eq!(scene.call(event).await, [""; 0]);
    assert_eq!(scene.stores.dynamo_proxy.calls(), before);
}
