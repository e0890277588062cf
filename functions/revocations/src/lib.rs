//! Finishes the work of requests that died. It has no route: the streams of `sessions` and `users` call it, with
//! records that may be a day old, in any order, and repeated.
//!
//! Each revoked session gets its tombstone in Redis, and a sign-out everywhere is completed, even if a request has
//! already done so: each step may be taken twice. A change that leaves nothing to do costs no store call.
//!
//! The records of revoked sessions come again through a queue, 20 seconds later. If Redis fails over to a replica that
//! lagged behind, it loses the first tombstone, no matter who wrote it. By then the new Redis has taken over, or the
//! replica has caught up.

mod record;

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use dynamo::{Dynamo, SdkConfig};
use edge::Cause;
use environment::Environment;
use futures_util::{StreamExt, stream};
pub use record::is_ending;
use record::{Record, Sequence, number};
use serde::Deserialize;
use serde_json::Value;
use session::{LooseEnd, Sessions};
use std::collections::BTreeMap;

/// Loose ends that are tied up at the same time.
const AT_ONCE: usize = 8;

/// The function that follows the streams.
pub struct Revocations {
    sessions: Sessions,
}

/// A batch from a stream or the queue. Its records are read one by one, so that an unreadable record does not block the
/// others.
#[derive(Debug, Default, Deserialize)]
pub struct Event {
    /// The records, unparsed.
    #[serde(rename = "Records", default)]
    records: Vec<Value>,
}

impl From<Vec<Value>> for Event {
    fn from(records: Vec<Value>) -> Self {
        Self { records }
    }
}

impl Revocations {
    /// The function with the settings that it reads; `None` when one has a fault, which stays in `environment`.
    pub fn wire(environment: &mut Environment, aws: &SdkConfig) -> Option<Self> {
        let dynamo = Dynamo::from_environment(environment, aws);
        Some(Self { sessions: Sessions::from_environment(environment, &dynamo) })
    }

    /// Ties up every loose end in the records, and names the records of those that failed. Lambda sends these again,
    /// with the records after the first of them, for as long as the record lives. An unreadable record stays
    /// unreadable: it is logged, the log counts it, and it blocks no other.
    pub async fn follow(&self, event: Event) -> DynamoDbEventResponse {
        let records = event.records.len();
        let ends = self.read(event);
        let tied = stream::iter(ends).map(async |(end, told_by)| (self.sessions.tie_up(&end).await, end, told_by));
        let tied: Vec<_> = tied.buffer_unordered(AT_ONCE).collect().await;
        let (mut buried, mut finished, mut failed, mut first) = (0, 0, Vec::new(), None);
        for (result, end, told_by) in tied {
            match (result, end) {
                (Ok(()), LooseEnd::Revoked(_) | LooseEnd::Removed(_)) => buried += 1,
                (Ok(()), LooseEnd::User(_)) => finished += 1,
                (Err(error), _) => {
                    failed.extend(told_by);
                    first.get_or_insert(error);
                }
            }
        }
        let failures = failed.len();
        match first.as_ref().map(|error| Cause::of(error)) {
            // One line for any number of failures: a store that is away is away for all of them.
            Some(cause) => {
                tracing::error!(target: "session", event = "followed", records, buried, finished, failed = failures, cause = ?cause);
            }
            None if records > 0 => {
                tracing::info!(target: "session", event = "followed", records, buried, finished, failed = failures);
            }
            None => {}
        }
        report(failed)
    }

    /// The same for a caller other than Lambda. Returns the records that have to be told again: the first of those that
    /// failed, and all after it.
    pub async fn take(&self, mut records: Vec<Value>) -> Vec<Value> {
        let report = self.follow(records.clone().into()).await;
        let place = |failed: Option<String>| records.iter().position(|record| number(record) == failed.as_deref());
        let failed = report.batch_item_failures.into_iter().map(|failure| place(failure.item_identifier).unwrap_or(0));
        let first = failed.min().unwrap_or(records.len());
        records.split_off(first)
    }

    /// The loose ends, each once, with the records that they come from.
    fn read(&self, event: Event) -> BTreeMap<LooseEnd, Vec<Sequence>> {
        let mut ends = BTreeMap::<_, Vec<_>>::new();
        for value in event.records {
            let (sequence, record) = Record::read(value);
            let end = record.and_then(|Record { table, change }| Ok(self.sessions.loose_end(&table, change)?));
            match end {
                Ok(Some(end)) => ends.entry(end).or_default().push(sequence),
                Ok(None) => {}
                // Without the record's content, which may be anything.
                Err(error) => {
                    tracing::error!(target: "session", event = "unreadable", error = &error as &dyn std::error::Error, sequence);
                }
            }
        }
        ends
    }
}

/// The answer for Lambda. A record without a number stands for the whole batch.
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
