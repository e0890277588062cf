//! Calls the function that follows the streams of sessions and users, as Lambda does in a deployment: at once from the
//! streams, and for ended sessions again from a queue with a delay.

use crate::{failure::Failure, gateway::Functions, greeting::say, settings::Settings, stores, workspace::Workspace};
use futures_util::future::{join, join_all, try_join_all};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    time::{Duration, Instant},
};
use streams::{Start, Stream};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// The function.
const REVOCATIONS: &str = "revocations";

/// The tables whose streams it follows.
const TABLES: [&str; 2] = ["sessions", "users"];

/// How often a stream is checked, and how long after a failure a batch is sent again.
const PAUSE: Duration = Duration::from_millis(250);

/// How long a batch is sent again before it is given up. A deployment tries for a day.
const PATIENCE: Duration = Duration::from_mins(5);

/// The function's report on a batch.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    batch_item_failures: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    item_identifier: Option<String>,
}

/// The streams, from now on. Changes that were left unfinished when the API last ran are not sent again: Redis starts
/// empty, and a user's next sign-in tidies up. None if there is no such function.
///
/// # Errors
/// When a table has no stream, or the store cannot be asked.
pub async fn listen(workspace: &Workspace, settings: &Settings) -> Result<Vec<Stream>, Failure> {
    if !workspace.unrouted.iter().any(|function| function == REVOCATIONS) {
        return Ok(Vec::new());
    }
    let dynamo = stores::dynamo(settings).await?;
    let follow = async |name: &str| Stream::follow(&stores::address(settings), &dynamo.table(name), Start::Now).await;
    Ok(try_join_all(TABLES.map(follow)).await?)
}

/// Passes each stream's records to the function in order; and `again_after` seconds after a session ended, its record
/// again.
pub async fn forward(functions: &Functions, streams: Vec<Stream>, again_after: u16) -> Infallible {
    let (queue, queued) = mpsc::unbounded_channel();
    let follow = join_all(streams.into_iter().map(|stream| follow(functions, stream, queue.clone())));
    join(follow, forward_later(functions, queued, again_after)).await;
    std::future::pending().await
}

async fn follow(functions: &Functions, mut stream: Stream, queue: UnboundedSender<Value>) -> Infallible {
    loop {
        // If a store fails for a moment, it is asked again.
        for batch in stream.next().await.unwrap_or_default() {
            for record in batch.records.iter().filter(|record| revocations::is_ending(record)) {
                // The receiver lives as long as this loop.
                drop(queue.send(record.clone()));
            }
            deliver(functions, batch.records).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The queue: passes on each record as a message when it is old enough. Later ones are younger, so none waits for one
/// behind it.
async fn forward_later(functions: &Functions, mut queued: UnboundedReceiver<Value>, after: u16) {
    while let Some(record) = queued.recv().await {
        let made = record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or_default();
        let left = made + f64::from(after) - Timestamp::now().as_duration().as_secs_f64();
        tokio::time::sleep(Duration::try_from_secs_f64(left).unwrap_or_default()).await;
        deliver(functions, vec![message(&record)]).await;
    }
}

/// A record as the queue passes it to a function (AWS Lambda Developer Guide, "Using Lambda with Amazon SQS").
fn message(record: &Value) -> Value {
    json!({
        "messageId": record["dynamodb"]["SequenceNumber"],
        "eventSource": "aws:sqs",
        "body": record.to_string(),
    })
}

/// How Lambda identifies a record or a message.
fn identifier(record: &Value) -> Option<&str> {
    record["messageId"].as_str().or_else(|| record["dynamodb"]["SequenceNumber"].as_str())
}

/// Calls the function until it has accepted every record, or the time is over.
async fn deliver(functions: &Functions, mut records: Vec<Value>) {
    let (begun, mut is_said) = (Instant::now(), false);
    while begun.elapsed() < PATIENCE {
        let answer = functions.invoke(REVOCATIONS, &json!({ "Records": records }).to_string()).await;
        if answer.is_err() && !std::mem::replace(&mut is_said, true) {
            say(&format!("The function {REVOCATIONS} does not answer; its output is above. It is asked again."));
        }
        let Some(failed) = first_failed(&answer.unwrap_or_default(), &records) else { return };
        records.drain(..failed);
        tokio::time::sleep(PAUSE).await;
    }
    let (count, tables) = (records.len(), TABLES.join(" or "));
    say(&format!("The function {REVOCATIONS} was told {count} changes of {tables} for minutes; they are given up."));
}

/// The index of the first record that has to be sent again, with all after it; `None`: every one was accepted. If the
/// answer is not a report, or names an unknown record, all have failed.
fn first_failed(answer: &str, records: &[Value]) -> Option<usize> {
    let Ok(Report { batch_item_failures }) = serde_json::from_str(answer) else { return Some(0) };
    let is = |record: &Value, item: &Item| identifier(record) == item.item_identifier.as_deref();
    let place = |item: Item| records.iter().position(|record| is(record, &item)).unwrap_or(0);
    batch_item_failures.into_iter().map(place).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_again_begins_with_the_first_failure() {
        let records: Vec<_> =
            ["1", "2", "3"].map(|number| json!({ "dynamodb": { "SequenceNumber": number } })).into_iter().collect();
        let report = |failed: &[Option<&str>]| {
            let failures: Vec<_> = failed.iter().map(|number| json!({ "itemIdentifier": number })).collect();
            json!({ "batchItemFailures": failures }).to_string()
        };
        assert_eq!(first_failed(&report(&[]), &records), None);
        assert_eq!(first_failed(&report(&[Some("3"), Some("2")]), &records), Some(1));
        assert_eq!(first_failed(&report(&[None]), &records), Some(0));
        assert_eq!(first_failed(&report(&[Some("3"), Some("4")]), &records), Some(0));
        for no_report in ["", "null", "{}", r#"{"errorType":"Failed","errorMessage":"the function failed"}"#] {
            assert_eq!(first_failed(no_report, &records), Some(0), "{no_report}");
        }
    }
}
