//! The function that follows the streams gets each record until it has accepted it.

use crate::supervised::{Dev, Place, free_port};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use dynamo::{Dynamo, Settings, number, text};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};

const CALL: &str = "/2015-03-31/functions/revocations/invocations ";
const TAKEN: &str = r#"{"batchItemFailures":[]}"#;

/// `local dev` with the function, and a client of its store.
async fn running(place: &Place) -> (Dev, Dynamo) {
    let mut dev = place.dev(free_port(), &[("TELL_AGAIN_AFTER", "1")]);
    dev.until_ready();
    // This call makes sure that it runs before the first change. Earlier changes are not sent.
    assert_eq!(place.posts(), [format!("{CALL}{{}}")]);
    let settings = place.settings();
    let store = stand::sdk_config(&settings["AWS_ENDPOINT_URL_DYNAMODB"]);
    let config = Settings { table_prefix: settings["TABLE_PREFIX"].clone(), endpoint: None };
    (dev, Dynamo::with(&config, &store))
}

/// Writes these rows of a table in one request.
async fn put(dynamo: &Dynamo, table: &str, key: &str, values: &[&str]) {
    put_with(dynamo, table, key, values, &[]).await;
}

/// The same, with more attributes.
async fn put_with(dynamo: &Dynamo, table: &str, key: &str, values: &[&str], more: &[(&str, AttributeValue)]) {
    let mut writes = dynamo.client().transact_write_items();
    for value in values {
        let mut row = HashMap::from([(key.to_owned(), text(value))]);
        row.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let put = Put::builder().table_name(dynamo.table(table)).set_item(Some(row)).build().unwrap();
        writes = writes.transact_items(TransactWriteItem::builder().put(put).build());
    }
    writes.send().await.unwrap();
}

/// The records of a call.
fn records(post: &str) -> Vec<Value> {
    let event: Value = serde_json::from_str(post.strip_prefix(CALL).unwrap()).unwrap();
    event["Records"].as_array().unwrap().clone()
}

fn last_records(posts: &[String]) -> Vec<Value> {
    posts.last().filter(|post| post.contains("Records")).map(|post| records(post)).unwrap_or_default()
}

#[tokio::test]
async fn a_change_is_told_once_it_was_taken_and_without_one_nothing_is_called() {
    let place = Place::with("revocations");
    place.answer(TAKEN);
    let (_dev, dynamo) = running(&place).await;
    put(&dynamo, "sessions", "session_id", &["s"]).await;
    put(&dynamo, "users", "user_id", &["u"]).await;
    put(&dynamo, "outbox", "mail_id", &["m"]).await;
    let mut posts = place.until_posted(|posts| posts.len() > 2).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(place.posts(), posts);
    posts.sort();
    let [of_sessions, of_users] = [records(&posts[0]), records(&posts[1])];
    let mut told = [
        (of_sessions, "auth-sessions", json!({ "session_id": { "S": "s" } })),
        (of_users, "auth-users", json!({ "user_id": { "S": "u" } })),
    ];
    if told[0].0[0]["eventSourceARN"].as_str().unwrap().contains("users") {
        let [one, other] = &mut told;
        std::mem::swap(&mut one.0, &mut other.0);
    }
    for (records, table, image) in told {
        let [record] = &records[..] else { panic!("one record: {records:?}") };
        assert!(record["eventSourceARN"].as_str().unwrap().contains(&format!(":table/{table}/stream/")), "{record}");
        assert_eq!((&record["eventName"], &record["dynamodb"]["NewImage"]), (&json!("INSERT"), &image));
    }
}

#[tokio::test]
async fn what_the_function_has_not_taken_is_told_again_from_there_on() {
    let place = Place::with("revocations");
    // 204 without a report: it may have failed.
    let (_dev, dynamo) = running(&place).await;
    put(&dynamo, "sessions", "session_id", &["1", "2", "3"]).await;
    let posts = place.until_posted(|posts| posts.len() > 2).await;
    let all = last_records(&posts);
    assert_eq!(all.len(), 3);
    assert_eq!(posts[1], posts[2]);
    let number = all[1]["dynamodb"]["SequenceNumber"].as_str().unwrap();
    place.answer(&json!({ "batchItemFailures": [{ "itemIdentifier": number }] }).to_string());
    let posts = place.until_posted(|posts| last_records(posts).len() == 2).await;
    assert_eq!(last_records(&posts), all[1..]);
    place.answer(TAKEN);
    let before = place.until_posted(|posts| last_records(posts) == all[1..]).await.len();
    // The next call accepts it; one more may be on its way.
    tokio::time::sleep(Duration::from_millis(900)).await;
    let taken = place.posts().len();
    assert!((before..=before + 2).contains(&taken), "{before} {taken}");
    put(&dynamo, "sessions", "session_id", &["4"]).await;
    let posts = place.until_posted(|posts| posts.len() > taken).await;
    assert_eq!(last_records(&posts)[0]["dynamodb"]["NewImage"]["session_id"]["S"], "4");
}

/// As in a deployment's queue: a message for each session that ended, when the record is old enough.
#[tokio::test]
async fn a_session_that_ended_is_told_of_once_more_as_a_message() {
    let place = Place::with("revocations");
    place.answer(TAKEN);
    let (_dev, dynamo) = running(&place).await;
    put(&dynamo, "sessions", "session_id", &["lives"]).await;
    put_with(&dynamo, "sessions", "session_id", &["ended"], &[("revoked_at", number(1))]).await;
    let is_message = |post: &String| post.contains("aws:sqs");
    let posts = place.until_posted(|posts| posts.iter().any(is_message)).await;
    let told = |post: &&String| post.contains(r#""S":"ended""#);
    let record =
        records(posts.iter().find(told).unwrap()).into_iter().find(|record| record.to_string().contains("ended"));
    let messages: Vec<_> = posts.iter().filter(|post| is_message(post)).flat_map(|post| records(post)).collect();
    let [message] = &messages[..] else { panic!("one message: {messages:?}") };
    let body: Value = serde_json::from_str(message["body"].as_str().unwrap()).unwrap();
    assert_eq!(Some(&body), record.as_ref());
    let age = Timestamp::now().as_duration().as_secs_f64()
        - body["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap();
    assert!(age >= 1.0, "{age}");
    assert!(message["messageId"].is_string());
}
