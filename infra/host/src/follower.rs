use aws_config::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use revocations::{Revocations, is_ending};
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};
use streams::{Batch, Error, Places, Start, Stream};

/// How far all streams have been followed: what the next holder of the lease does not have to do again.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<Places>);

impl Progress {
    pub fn new(places: Places) -> Self {
        Self(Mutex::new(places))
    }

    pub fn places(&self) -> Places {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, shard: String, number: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(shard, number);
    }
}

/// A table whose stream is followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Followed {
    /// Without its prefix.
    pub name: &'static str,
    /// Whether a record may leave something to be done.
    pub concerns: fn(&Value) -> bool,
    /// Whether the record comes again when it is some time old.
    pub again: bool,
}

/// What a deployment on Lambda filters by (`infra/background.yaml`).
pub(crate) const FOLLOWED: [Followed; 2] = [
    Followed { name: "sessions", concerns: is_ending, again: true },
    Followed { name: "users", concerns: |record| record["eventName"] == "MODIFY", again: false },
];

/// Passes the records of one table to `revocations` until it has taken them, in their order; those of endings once more when
/// they are some time old. A failover of Redis may have lost what came of them the first time.
pub(crate) struct Follower<'a> {
    table: Followed,
    stream: Stream,
    revocations: &'a Revocations,
    progress: &'a Progress,
    /// Read and not taken yet.
    inbox: VecDeque<Batch>,
    shards: BTreeMap<String, Shard>,
}

/// How far a shard has been taken.
#[derive(Default)]
struct Shard {
    /// The last record that was taken.
    last: Option<String>,
    later: VecDeque<Later>,
}

/// A record that comes again.
struct Later {
    record: Value,
    /// The record before it.
    before: Option<String>,
}

impl<'a> Follower<'a> {
    /// Takes the stream of a table up where `progress` says.
    ///
    /// # Errors
    /// When the table has no stream, or DynamoDB cannot be asked.
    pub async fn start(
        table: Followed,
        full_name: &str,
        config: &SdkConfig,
        revocations: &'a Revocations,
        progress: &'a Progress,
    ) -> Result<Self, Error> {
        let prefix = format!("{}/", table.name);
        let places = progress.places();
        let ours =
            places.iter().filter_map(|(id, number)| Some((id.strip_prefix(&prefix)?.to_owned(), number.clone())));
        let ours: Places = ours.collect();
        let shard = |number: &String| Shard { last: Some(number.clone()), later: VecDeque::new() };
        let shards = ours.iter().map(|(id, number)| (id.clone(), shard(number))).collect();
        let stream = Stream::follow(config, full_name, Start::After(ours)).await?;
        Ok(Self { table, stream, revocations, progress, inbox: VecDeque::new(), shards })
    }

    /// Reads what there is, and passes it on. Returns how many records were taken.
    ///
    /// # Errors
    /// When DynamoDB cannot be asked. The next call continues at the same place.
    pub async fn pass(&mut self, now: Timestamp, again_after: SignedDuration) -> Result<usize, Error> {
        if self.inbox.is_empty() {
            self.inbox.extend(self.stream.next().await?);
        }
        let mut taken = 0;
        while let Some(batch) = self.inbox.pop_front() {
            taken += batch.records.len();
            if let Some(left) = self.take(batch).await {
                // A store is away: it is asked again at the next call, and later records wait.
                taken -= left.records.len();
                self.inbox.push_front(left);
                break;
            }
        }
        self.take_again(now, again_after).await;
        Ok(taken)
    }

    /// Passes a batch on. Returns the rest of it if something in it has to be told again.
    async fn take(&mut self, mut batch: Batch) -> Option<Batch> {
        let concerning: Vec<_> = batch.records.iter().filter(|record| (self.table.concerns)(record)).cloned().collect();
        let left = if concerning.is_empty() { concerning } else { self.revocations.take(concerning).await };
        let failed = left.first().and_then(number).map(str::to_owned);
        let is_failed = |record: &Value| failed.is_some() && number(record) == failed.as_deref();
        let all = if left.is_empty() { batch.records.len() } else { 0 };
        let taken = batch.records.iter().position(is_failed).unwrap_or(all);
        let rest = batch.records.split_off(taken);
        let shard = self.shards.entry(batch.shard.clone()).or_default();
        for record in batch.records {
            let (before, number) = (shard.last.clone(), number(&record).map(str::to_owned));
            if self.table.again && is_ending(&record) {
                shard.later.push_back(Later { record, before });
            }
            shard.last = number.or(shard.last.take());
        }
        self.note(&batch.shard);
        (!rest.is_empty()).then_some(Batch { shard: batch.shard, records: rest })
    }

    /// Passes on once more what is old enough.
    async fn take_again(&mut self, now: Timestamp, after: SignedDuration) {
        for id in self.shards.keys().cloned().collect::<Vec<_>>() {
            let Some(shard) = self.shards.get_mut(&id) else { continue };
            let old = shard.later.iter().take_while(|later| now.duration_since(made(&later.record)) >= after);
            let due: Vec<_> = old.map(|later| later.record.clone()).collect();
            if due.is_empty() {
                continue;
            }
            let count = due.len();
            let left = self.revocations.take(due).await.len();
            shard.later.drain(..count - left);
            self.note(&id);
        }
    }

    /// Notes how far a shard is done with: up to the first record that has to come again.
    fn note(&self, id: &str) {
        let Some(shard) = self.shards.get(id) else { return };
        let done = shard.later.front().map_or(shard.last.as_ref(), |later| later.before.as_ref());
        if let Some(number) = done {
            self.progress.note(format!("{}/{id}", self.table.name), number.clone());
        }
    }
}

fn number(record: &Value) -> Option<&str> {
    record["dynamodb"]["SequenceNumber"].as_str()
}

/// When the change happened; long ago, if the record does not say.
fn made(record: &Value) -> Timestamp {
    let seconds = record["dynamodb"]["ApproximateCreationDateTime"].as_f64().unwrap_or_default();
    SignedDuration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|since| Timestamp::from_duration(since).ok())
        .unwrap_or_default()
}
