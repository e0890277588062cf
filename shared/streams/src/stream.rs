use crate::{
    Error, record,
    shards::{Place, Shards},
};
use aws_config::SdkConfig;
use aws_sdk_dynamodbstreams::{
    Client, Error as Sdk,
    types::{Shard, ShardIteratorType},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// As many records as Lambda passes to a function at once by default.
const BATCH: i32 = 100;

/// The last record of each shard that is done with, by its sequence number.
pub type Places = BTreeMap<String, String>;

/// Where a stream is taken up.
#[derive(Clone, Debug)]
pub enum Start {
    /// At what is written from now on.
    Now,
    /// After these records; at the first record of every shard that is not among them. DynamoDB keeps records for a day.
    After(Places),
}

/// The stream of a table, followed as Lambda does it: each shard to its last record, in batches, and then its children.
pub struct Stream {
    client: Client,
    table: String,
    arn: String,
    shards: Shards,
    places: Places,
}

/// Records of one shard, in their order, in the form in which Lambda passes them to a function. There is at least one.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The shard.
    pub shard: String,
    /// The records.
    pub records: Vec<Value>,
}

impl Stream {
    /// Follows the stream of a table, by its full name.
    ///
    /// # Errors
    /// When the table has no stream, or DynamoDB cannot be asked.
    pub async fn follow(config: &SdkConfig, table: &str, start: Start) -> Result<Self, Error> {
        let client = Client::new(config);
        let streams = client.list_streams().table_name(table).send().await.map_err(Error::of(table))?;
        // A table whose stream was turned off and on has several for a while. The label is the time the stream was made
        // at.
        let latest = streams
            .streams
            .unwrap_or_default()
            .into_iter()
            .max_by(|one, other| one.stream_label.cmp(&other.stream_label));
        let arn = latest.and_then(|stream| stream.stream_arn).ok_or_else(|| Error::NoStream(table.to_owned()))?;
        let (shards, table) = (Shards::default(), table.to_owned());
        match start {
            Start::After(places) => Ok(Self { client, table, arn, shards, places }),
            Start::Now => Self { client, table, arn, shards, places: Places::new() }.beginning_now().await,
        }
    }

    /// Takes iterators at once: what is written after this call is told.
    async fn beginning_now(mut self) -> Result<Self, Error> {
        let known = self.known_shards().await?;
        self.shards.take_up(known, |_| Place::Now);
        for id in self.shards.open() {
            let iterator = self.iterator(&id, ShardIteratorType::Latest, None).await?;
            self.shards.move_to(&id, iterator.map_or(Place::End, Place::At), None);
        }
        Ok(self)
    }

    /// The next records of each shard: one batch per shard.
    ///
    /// # Errors
    /// When DynamoDB cannot be asked. The next call continues at the same place.
    pub async fn next(&mut self) -> Result<Vec<Batch>, Error> {
        if self.shards.lack_children() {
            let known = self.known_shards().await?;
            let after = |id: &str| self.places.get(id).cloned().map_or(Place::First, Place::After);
            self.shards.take_up(known, after);
        }
        let mut batches = Vec::new();
        for id in self.shards.open() {
            match self.batch(&id).await {
                Ok(records) if records.is_empty() => {}
                Ok(records) => batches.push(Batch { shard: id, records }),
                // What was read of the others is told. The next call comes to this one again.
                Err(_) if !batches.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(batches)
    }

    async fn batch(&mut self, id: &str) -> Result<Vec<Value>, Error> {
        let iterator = match self.shards.place(id) {
            Place::At(iterator) => Some(iterator),
            Place::First => self.iterator(id, ShardIteratorType::TrimHorizon, None).await?,
            Place::Now => self.iterator(id, ShardIteratorType::Latest, None).await?,
            Place::After(number) => {
                let found = self.iterator(id, ShardIteratorType::AfterSequenceNumber, Some(number)).await;
                self.unless_trimmed(id, found)?
            }
            Place::End => None,
        };
        let Some(iterator) = iterator else { return Ok(Vec::new()) };
        let read = self.client.get_records().limit(BATCH).shard_iterator(iterator).send().await.map_err(Sdk::from);
        if matches!(read, Err(Sdk::ExpiredIteratorException(_))) {
            self.shards.again(id);
        }
        let read = self.unless_trimmed(id, read.map_err(Error::of(&self.table)).map(Some))?;
        let Some(read) = read else { return Ok(Vec::new()) };
        let records: Vec<_> = read.records.unwrap_or_default();
        let last = records.last().and_then(|record| record.dynamodb.as_ref()?.sequence_number.as_ref());
        self.shards.move_to(id, read.next_shard_iterator.map_or(Place::End, Place::At), last);
        Ok(records.into_iter().map(|record| record::as_lambda_tells_it(record, &self.arn)).collect())
    }

    /// If the place in a shard is older than what DynamoDB keeps, the shard is read from what it still has: `None`.
    fn unless_trimmed<T>(&mut self, id: &str, read: Result<Option<T>, Error>) -> Result<Option<T>, Error> {
        match read {
            Err(Error::Stream { source, .. }) if matches!(*source, Sdk::TrimmedDataAccessException(_)) => {
                self.shards.move_to(id, Place::First, None);
                Ok(None)
            }
            read => read,
        }
    }

    async fn known_shards(&self) -> Result<Vec<Shard>, Error> {
        let (mut shards, mut from) = (Vec::new(), None);
        loop {
            let page = self.client.describe_stream().stream_arn(&self.arn).set_exclusive_start_shard_id(from);
            let Some(page) = page.send().await.map_err(Error::of(&self.table))?.stream_description else { break };
            shards.extend(page.shards.unwrap_or_default());
            from = page.last_evaluated_shard_id;
            if from.is_none() {
                break;
            }
        }
        Ok(shards)
    }

    async fn iterator(
        &self,
        shard: &str,
        kind: ShardIteratorType,
        after: Option<String>,
    ) -> Result<Option<String>, Error> {
        let call = self.client.get_shard_iterator().stream_arn(&self.arn).shard_id(shard).shard_iterator_type(kind);
        let call = call.set_sequence_number(after);
        Ok(call.send().await.map_err(Error::of(&self.table))?.shard_iterator)
    }
}
