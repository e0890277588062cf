//! The local stores start, behave as the clients expect, and leave nothing behind.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws_sdk_dynamodb::types::{AttributeValue, KeyType, StreamSpecification, TimeToLiveStatus};
use dynamo::{Dynamo, Settings};
use stand::{DynamoDb, sdk_config, tables};
use std::{net::TcpStream, path::Path};
use streams::{Start, Stream};

fn client(endpoint: &str, prefix: &str) -> Dynamo {
    Dynamo::with(&Settings { table_prefix: prefix.to_owned(), endpoint: None }, &sdk_config(endpoint))
}

#[tokio::test]
async fn every_table_of_the_definition_is_created_with_its_keys_index_and_expiry() {
    let store = DynamoDb::start(None).await.unwrap();
    let dynamo = client(&store.endpoint(), "t-");
    tables::create(&dynamo).await.unwrap();
    let names = dynamo.client().list_tables().send().await.unwrap().table_names().to_vec();
    for name in ["t-users", "t-user_identities", "t-sessions", "t-signing_keys"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    let sessions = dynamo.client().describe_table().table_name("t-sessions").send().await.unwrap().table.unwrap();
    assert_eq!(sessions.key_schema()[0].attribute_name(), "session_id");
    let index = &sessions.global_secondary_indexes()[0];
    let keys: Vec<_> = index.key_schema().iter().map(|key| (key.attribute_name(), key.key_type().clone())).collect();
    assert_eq!(index.index_name(), Some("by_user"));
    assert_eq!(keys, [("user_id", KeyType::Hash), ("created_at", KeyType::Range)]);
    let expiry = dynamo.client().describe_time_to_live().table_name("t-sessions").send().await.unwrap();
    let expiry = expiry.time_to_live_description.unwrap();
    assert_eq!(expiry.time_to_live_status, Some(TimeToLiveStatus::Enabled));
    assert_eq!(expiry.attribute_name.as_deref(), Some("purge_at"));
}

#[tokio::test]
async fn tables_that_functions_follow_have_a_stream_with_what_is_looked_at() {
    let store = DynamoDb::start(None).await.unwrap();
    let dynamo = client(&store.endpoint(), "t-");
    tables::create(&dynamo).await.unwrap();
    for (table, view) in [("users", "NEW_IMAGE"), ("sessions", "NEW_AND_OLD_IMAGES"), ("outbox", "KEYS_ONLY")] {
        let table =
            dynamo.client().describe_table().table_name(dynamo.table(table)).send().await.unwrap().table.unwrap();
        let stream = table.stream_specification.unwrap();
        assert!(stream.stream_enabled);
        assert_eq!(stream.stream_view_type.unwrap().as_str(), view);
    }
    let none = Stream::follow(&sdk_config(&store.endpoint()), "t-throttle", Start::Now).await.err().unwrap();
    assert_eq!(none.to_string(), "the table t-throttle has no stream");
}

/// Tables from a run before there were streams, or with today's settings.
#[tokio::test]
async fn tables_that_exist_get_the_stream_they_lack_and_keep_the_one_they_have() {
    let store = DynamoDb::start(None).await.unwrap();
    let dynamo = client(&store.endpoint(), "t-");
    tables::create(&dynamo).await.unwrap();
    put_user(&dynamo, "before").await;
    let off = StreamSpecification::builder().stream_enabled(false).build().unwrap();
    dynamo.client().update_table().table_name("t-users").stream_specification(off).send().await.unwrap();
    assert!(Stream::follow(&sdk_config(&store.endpoint()), "t-users", Start::Now).await.is_err());
    tables::create(&dynamo).await.unwrap();
    let mut stream = Stream::follow(&sdk_config(&store.endpoint()), "t-users", Start::Now).await.unwrap();
    // The follower does not notice that the tables are checked again.
    tables::create(&dynamo).await.unwrap();
    put_user(&dynamo, "after").await;
    let batches = stream.next().await.unwrap();
    let [record] = &batches[0].records[..] else { panic!("one record: {batches:?}") };
    assert_eq!(record["eventName"], "INSERT");
    assert_eq!(record["dynamodb"]["NewImage"]["user_id"]["S"], "after");
    assert!(record["eventSourceARN"].as_str().unwrap().contains(":table/t-users/stream/"));
    assert!(has_user(&dynamo, "before").await);
}

/// In batches of Lambda's size.
#[tokio::test]
async fn a_stream_tells_everything_once_and_in_order() {
    let store = DynamoDb::start(None).await.unwrap();
    let dynamo = client(&store.endpoint(), "t-");
    tables::create(&dynamo).await.unwrap();
    put_user(&dynamo, "unheard").await;
    let mut stream = Stream::follow(&sdk_config(&store.endpoint()), "t-users", Start::Now).await.unwrap();
    assert!(stream.next().await.unwrap().is_empty());
    let users: Vec<String> = (0..250).map(|number| format!("user-{number}")).collect();
    for user in &users {
        put_user(&dynamo, user).await;
    }
    let (mut sizes, mut told) = (Vec::new(), Vec::new());
    while let [batch] = &stream.next().await.unwrap()[..] {
        sizes.push(batch.records.len());
        told.extend(
            batch.records.iter().map(|record| record["dynamodb"]["Keys"]["user_id"]["S"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(sizes, [100, 100, 50]);
    assert_eq!(told, users);
}

#[tokio::test]
async fn tables_that_exist_keep_their_rows() {
    let store = DynamoDb::start(None).await.unwrap();
    let dynamo = client(&store.endpoint(), "t-");
    tables::create(&dynamo).await.unwrap();
    put_user(&dynamo, "somebody").await;
    tables::create(&dynamo).await.unwrap();
    assert!(has_user(&dynamo, "somebody").await);
}

#[tokio::test]
async fn data_in_a_file_is_there_again_at_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("dynamodb.sqlite");
    for round in 0..2 {
        let store = DynamoDb::start(Some(&file)).await.unwrap();
        let dynamo = client(&store.endpoint(), "t-");
        tables::create(&dynamo).await.unwrap();
        assert_eq!(has_user(&dynamo, "somebody").await, round == 1);
        put_user(&dynamo, "somebody").await;
    }
}

#[tokio::test]
async fn a_dropped_store_frees_its_port() {
    let store = DynamoDb::start(None).await.unwrap();
    let address = store.endpoint().trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    drop(store);
    assert!(TcpStream::connect(&address).is_err());
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let store = DynamoDb::start(None).await.unwrap();
    let port = store.endpoint().rsplit(':').next().unwrap().parse().unwrap();
    let error = DynamoDb::start_on(None, port).await.err().unwrap();
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("dynamodb.sqlite");
    std::fs::write(
        &file,
        "not a database, but longer than the header of one, which is one hundred bytes long; ".repeat(3),
    )
    .unwrap();
    assert!(DynamoDb::start(Some(&file)).await.is_err());
    assert!(DynamoDb::start(Some(Path::new("/nowhere/dynamodb.sqlite"))).await.is_err());
}

async fn put_user(dynamo: &Dynamo, id: &str) {
    let call = dynamo.client().put_item().table_name(dynamo.table("users"));
    call.item("user_id", AttributeValue::S(id.to_owned())).send().await.unwrap();
}

async fn has_user(dynamo: &Dynamo, id: &str) -> bool {
    let call = dynamo.client().get_item().table_name(dynamo.table("users"));
    call.key("user_id", AttributeValue::S(id.to_owned())).send().await.unwrap().item.is_some()
}
