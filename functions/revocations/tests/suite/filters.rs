//! The records that the deployment passes to the function (`infra/background.yaml`): all that need an action. If a
//! pattern matches nothing, this is not noticed until a revocation is missed.

use crate::Scene;
use scene::{Stores, now};
use serde_json::Value;
use session::{Policy, Slide};
use std::time::Duration;

/// The patterns for the stream of a table; at least one has to match.
fn patterns(stream: &str) -> Vec<Value> {
    let template = include_str!("../../../../infra/background.yaml");
    let (_, mapping) = template.split_once(&format!("Stream: !Ref {stream}")).unwrap();
    let mapping = mapping.split("Stream: !Ref").next().unwrap();
    let texts = mapping.split("Pattern: '").skip(1).map(|rest| rest.split_once('\'').unwrap().0);
    let patterns: Vec<Value> = texts.map(|text| serde_json::from_str(text).unwrap()).collect();
    assert!(!patterns.is_empty(), "{stream}");
    patterns
}

/// Whether an event filter of Lambda matches, by the rules that are used here: equal values, and whether a leaf exists
/// (AWS Lambda Developer Guide, "Event filtering").
fn matches(pattern: &Value, record: &Value) -> bool {
    match pattern {
        Value::Object(members) => members.iter().all(|(name, pattern)| matches(pattern, &record[name])),
        Value::Array(rules) => rules.iter().any(|rule| match &rule["exists"] {
            Value::Bool(exists) => *exists != (record.is_null() || record.is_object()),
            _ => rule == record,
        }),
        other => panic!("{other} is no pattern"),
    }
}

/// The records that the deployment would pass on.
fn let_through(event: &Value) -> Vec<Value> {
    let (sessions, users) = (patterns("SessionsStream"), patterns("UsersStream"));
    let records = event["Records"].as_array().unwrap().iter();
    let passes = |record: &&Value| {
        let of_users = record["eventSourceARN"].as_str().unwrap().contains("users/stream");
        let patterns = if of_users { &users } else { &sessions };
        patterns.iter().any(|pattern| matches(pattern, record))
    };
    records.filter(passes).cloned().collect()
}

fn of_sessions(records: &[Value]) -> usize {
    records.iter().filter(|record| record["eventSourceARN"].as_str().unwrap().contains("sessions/stream")).count()
}

#[tokio::test]
async fn logins_and_renewals_call_nobody_for_their_sessions() {
    let mut scene = Scene::on(Stores::start().await).await;
    scene.stores.account("ada").await;
    let begun = now() - Duration::from_mins(6);
    let (token, _) = scene.sessions.create(scene.login("ada").await, begun).await.unwrap();
    assert!(scene.sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    let login = scene.login("ada").await;
    let (device, _) = scene.sessions.create_device(login, "phone".to_owned(), begun).await.unwrap();
    scene.sessions.refresh(&device, now()).await.unwrap();
    let event = scene.streams.event().await;
    assert!(of_sessions(event["Records"].as_array().unwrap()) >= 4, "{event}");
    assert_eq!(of_sessions(&let_through(&event)), 0);
}

#[tokio::test]
async fn every_end_of_a_session_is_let_through() {
    let (mut scene, tokens) = Scene::with_sessions(4).await;
    scene.sessions.revoke(&tokens[0], now()).await.unwrap().unwrap();
    assert_eq!(of_sessions(&let_through(&scene.streams.event().await)), 1, "signed out");
    scene.remove_row(&tokens[1]).await;
    assert_eq!(of_sessions(&let_through(&scene.streams.event().await)), 1, "taken away");
    // A stub that says the session is dead replaces the removed row.
    scene.sessions.revoke_all(&tokens[2], now()).await.unwrap().unwrap();
    assert_eq!(of_sessions(&let_through(&scene.streams.event().await)), 3, "signed out everywhere");
}

#[tokio::test]
async fn expiry_calls_nobody() {
    let (mut scene, tokens) = Scene::with_sessions(1).await;
    scene.remove_row(&tokens[0]).await;
    let mut event = scene.streams.event().await;
    event["Records"][0]["userIdentity"] =
        serde_json::json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
    assert_eq!(let_through(&event), [Value::Null; 0]);
}

#[tokio::test]
async fn what_the_function_is_called_with_is_enough_to_finish() {
    let (mut scene, tokens) = Scene::with_sessions(3).await;
    let revoking = scene.stores.sessions(Policy::default());
    assert!(scene.stores.killed_after(3, revoking.revoke_all(&tokens[0], now())).await.is_none());
    let event = scene.streams.event().await;
    let records = let_through(&event);
    assert_eq!(of_sessions(&records), 3, "{event}");
    assert_eq!(scene.call(serde_json::json!({ "Records": records })).await, [""; 0]);
    for token in &tokens {
        assert!(scene.is_buried(token).await && !scene.is_alive(token).await);
    }
    assert!(scene.stores.stored_account("ada").await.sessions.is_empty());
}
