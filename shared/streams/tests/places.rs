//! A stream that is taken up again.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws_sdk_dynamodb::types::AttributeValue;
use dynamo::{Dynamo, Settings};
use serde_json::Value;
use stand::{DynamoDb, sdk_config, tables};
use streams::{Places, Start, Stream};

async fn store() -> (DynamoDb, Dynamo) {
    let store = DynamoDb::start(None).await.unwrap();
    let settings = Settings { table_prefix: "t-".to_owned(), endpoint: None };
    let dynamo = Dynamo::with(&settings, &sdk_config(&store.endpoint()));
    tables::create(&dynamo).await.unwrap();
    (store, dynamo)
}

async fn put(dynamo: &Dynamo, id: &str) {
    let call = dynamo.client().put_item().table_name(dynamo.table("users"));
    call.item("user_id", AttributeValue::S(id.to_owned())).send().await.unwrap();
}

/// The keys of all records to the end, and where the stream can be taken up after each of them.
async fn told(store: &DynamoDb, start: Start) -> Vec<(String, Places)> {
    let mut stream = Stream::follow(&sdk_config(&store.endpoint()), "t-users", start).await.unwrap();
    let mut told = Vec::new();
    loop {
        let batches = stream.next().await.unwrap();
        if batches.is_empty() {
            return told;
        }
        for batch in batches {
            told.extend(batch.records.iter().map(|record| (key(record), place(&batch.shard, record))));
        }
    }
}

fn key(record: &Value) -> String {
    record["dynamodb"]["Keys"]["user_id"]["S"].as_str().unwrap().to_owned()
}

fn place(shard: &str, record: &Value) -> Places {
    [(shard.to_owned(), record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned())].into()
}

fn keys(told: &[(String, Places)]) -> Vec<&str> {
    told.iter().map(|(key, _)| key.as_str()).collect()
}

/// So that a program which takes over from another one misses nothing.
#[tokio::test]
async fn a_stream_is_taken_up_after_the_record_that_was_done_with() {
    let (store, dynamo) = store().await;
    for id in ["a", "b", "c"] {
        put(&dynamo, id).await;
    }
    let all = told(&store, Start::After(Places::new())).await;
    assert_eq!(keys(&all), ["a", "b", "c"], "without a place it begins at the first record");
    let [(_, after_a), _, (_, after_c)] = &all[..] else { panic!("three records") };
    assert_eq!(keys(&told(&store, Start::After(after_a.clone())).await), ["b", "c"]);
    assert!(told(&store, Start::After(after_c.clone())).await.is_empty());
    put(&dynamo, "d").await;
    assert_eq!(keys(&told(&store, Start::After(after_c.clone())).await), ["d"]);
    assert!(told(&store, Start::Now).await.is_empty());
}
