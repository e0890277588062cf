mod record;

use crate::Error;
use aws_config::SdkConfig;
use aws_sdk_dynamodbstreams::{
    Client,
    types::{Shard, ShardIteratorType},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// As many records as Lambda passes to a function at once by default.
const BATCH: i32 = 100;

/// The stream of a table, followed from a moment on as Lambda does it: each shard from its first record since then to
/// its last, in batches.
pub struct Stream {
    client: Client,
    table: String,
    arn: String,
    shards: BTreeMap<String, Place>,
}

/// How far a shard has been read.
enum Place {
    /// It continues at this iterator.
    At(String),
    /// Not started: an iterator of this kind is needed.
    Before(ShardIteratorType),
    /// Read to its end: later records are in other shards.
    End,
}

impl Stream {
    /// Follows the stream of a table, by its full name, from now on: earlier changes are not reported.
    ///
    /// # Errors
    /// When the table has no stream, or DynamoDB cannot be asked.
    pub async fn follow(config: &SdkConfig, table: &str) -> Result<Self, Error> {
        let client = Client::new(config);
        let streams = client.list_streams().table_name(table).send().await.map_err(Error::stream(table))?;
        // A table whose stream was turned off and on has several for a while. The label is the time the stream was made
        // at.
        let latest = streams
            .streams
            .unwrap_or_default()
            .into_iter()
            .max_by(|one, other| one.stream_label.cmp(&other.stream_label));
        let arn = latest.and_then(|stream| stream.stream_arn).ok_or_else(|| Error::NoStream(table.to_owned()))?;
        let mut stream = Self { client, table: table.to_owned(), arn, shards: BTreeMap::new() };
        for shard in stream.known_shards().await? {
            let id = shard.shard_id.unwrap_or_default();
            let iterator = stream.iterator(&id, ShardIteratorType::Latest).await?;
            stream.shards.insert(id, iterator.map_or(Place::End, Place::At));
        }
        Ok(stream)
    }

    /// The next records of each shard, in the form in which Lambda passes them to a function: one batch per shard, none
    /// of them empty.
    ///
    /// # Errors
    /// When DynamoDB cannot be asked. The next call continues at the same place, or at the current moment if the place
    /// was lost because no call came for too long. Records of other shards from the failed call are not reported again.
    pub async fn next(&mut self) -> Result<Vec<Vec<Value>>, Error> {
        if self.shards.values().all(|place| matches!(place, Place::End)) {
            for shard in self.known_shards().await? {
                let start = Place::Before(ShardIteratorType::TrimHorizon);
                self.shards.entry(shard.shard_id.unwrap_or_default()).or_insert(start);
            }
        }
        let mut batches = Vec::new();
        for id in self.shards.keys().cloned().collect::<Vec<_>>() {
            batches.push(self.batch(&id).await?);
        }
        batches.retain(|batch| !batch.is_empty());
        Ok(batches)
    }

    async fn batch(&mut self, id: &str) -> Result<Vec<Value>, Error> {
        let iterator = match self.shards.get(id) {
            Some(Place::At(iterator)) => Some(iterator.clone()),
            Some(Place::Before(kind)) => self.iterator(id, kind.clone()).await?,
            Some(Place::End) | None => return Ok(Vec::new()),
        };
        let read = self.client.get_records().limit(BATCH).set_shard_iterator(iterator).send().await;
        let read = read.map_err(aws_sdk_dynamodbstreams::Error::from).inspect_err(|error| {
            if matches!(error, aws_sdk_dynamodbstreams::Error::ExpiredIteratorException(_)) {
                self.shards.insert(id.to_owned(), Place::Before(ShardIteratorType::Latest));
            }
        });
        let read = read.map_err(Error::stream(&self.table))?;
        self.shards.insert(id.to_owned(), read.next_shard_iterator.map_or(Place::End, Place::At));
        let records = read.records.unwrap_or_default().into_iter();
        Ok(records.map(|record| record::as_lambda_tells_it(record, &self.arn)).collect())
    }

    async fn known_shards(&self) -> Result<Vec<Shard>, Error> {
        let stream = self.client.describe_stream().stream_arn(&self.arn).send().await;
        let description = stream.map_err(Error::stream(&self.table))?.stream_description;
        Ok(description.and_then(|description| description.shards).unwrap_or_default())
    }

    async fn iterator(&self, shard: &str, kind: ShardIteratorType) -> Result<Option<String>, Error> {
        let call = self.client.get_shard_iterator().stream_arn(&self.arn).shard_id(shard).shard_iterator_type(kind);
        Ok(call.send().await.map_err(Error::stream(&self.table))?.shard_iterator)
    }
}
