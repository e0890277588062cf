//! Finishes what requests that died have left behind. It has no route: the streams of `sessions` and `users` call it,
//! with records that may be a day old, come in any order and come again.
//!
//! A session that was revoked gets its tombstone in Redis, and a sign-out everywhere is completed, whether or not a
//! request has done so: each step may be taken twice. A change that left nothing to do costs no store call.

mod record;

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use futures_util::{StreamExt, stream};
use record::{Record, Sequence};
use serde::Deserialize;
use serde_json::Value;
use session::{LooseEnd, Sessions};
use std::collections::BTreeMap;

/// Loose ends that are tied up at once.
const AT_ONCE: usize = 16;

/// The function that follows the streams.
pub struct Revocations {
    sessions: Sessions,
}

/// What a stream tells at once. Its records are read one by one, so that one that cannot be read keeps no other back.
#[derive(Debug, Default, Deserialize)]
pub struct Event {
    /// The records, as they came.
    #[serde(rename = "Records", default)]
    records: Vec<Value>,
}

impl Revocations {
    /// The function on these sessions.
    pub fn new(sessions: Sessions) -> Self {
        Self { sessions }
    }

    /// Ties up every loose end that the records tell of, and names the records of those that it could not: Lambda sends
    /// them again, with what came after the first of them. So it does with one that cannot be read, until it gives up and
    /// leaves the record's place where an operator looks.
    pub async fn follow(&self, event: Event) -> DynamoDbEventResponse {
        let records = event.records.len();
        let (ends, mut failed) = self.read(event);
        let tied = stream::iter(ends).map(async |(end, told_by)| (self.sessions.tie_up(&end).await, end, told_by));
        let tied: Vec<_> = tied.buffer_unordered(AT_ONCE).collect().await;
        let (mut buried, mut finished) = (0, 0);
        for (result, end, told_by) in tied {
            match (result, end) {
                (Ok(()), LooseEnd::Revoked(_) | LooseEnd::Removed(_)) => buried += 1,
                (Ok(()), LooseEnd::User(_)) => finished += 1,
                (Err(error), end) => {
                    tracing::error!(target: "session", %error, ?end, "a loose end stays for the next try");
                    failed.extend(told_by);
                }
            }
        }
        if records > 0 {
            tracing::info!(target: "session", event = "followed", records, buried, finished, failed = failed.len());
        }
        report(failed)
    }

    /// The loose ends, each once, with the records that tell of it; and the records that cannot be read.
    fn read(&self, event: Event) -> (BTreeMap<LooseEnd, Vec<Sequence>>, Vec<Sequence>) {
        let (mut ends, mut unreadable) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
        for value in event.records {
            let (sequence, record) = Record::read(value);
            let end = record.and_then(|Record { table, change }| Ok(self.sessions.loose_end(&table, change)?));
            match end {
                Ok(Some(end)) => ends.entry(end).or_default().push(sequence),
                Ok(None) => {}
                Err(error) => {
                    // Without what it holds, which may be anything.
                    tracing::error!(target: "session", %error, sequence, "a record of a stream cannot be read");
                    unreadable.push(sequence);
                }
            }
        }
        (ends, unreadable)
    }
}

/// What Lambda wants to know. A record without a number stands for the whole batch.
fn report(failed: Vec<Sequence>) -> DynamoDbEventResponse {
    let mut report = DynamoDbEventResponse::default();
    report.batch_item_failures = failed
        .into_iter()
        .map(|sequence| {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = sequence;
            failure
        })
        .collect();
    report
}
