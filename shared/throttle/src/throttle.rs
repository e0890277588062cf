use crate::{
    Error, Try,
    bucket::{Bucket, Buckets},
    counter::{Counter, TABLE, purge_at},
};
use aws_sdk_dynamodb::types::KeysAndAttributes;
use dynamo::{Dynamo, moment, number, text};
use futures_util::{
    TryFutureExt,
    future::{join_all, join3, try_join, try_join_all},
};
use jiff::Timestamp;
use std::{collections::HashMap, time::Duration};

/// Counts tries.
#[derive(Clone)]
pub struct Throttle {
    dynamo: Dynamo,
}

impl Throttle {
    /// The counters in this store.
    pub fn new(dynamo: Dynamo) -> Self {
        Self { dynamo }
    }

    /// Counts a try that is about to be made, if it may be made: to be called before the credential is looked at. It stays
    /// counted unless [`clear`](Self::clear) is told of its success, or [`release`](Self::release) that it came to nothing.
    /// One read and, side by side, one write for each
    /// counter, whatever the account is.
    ///
    /// # Errors
    /// [`Error::TooMany`] when there were too many before it, with the longest wait of its counters;
    /// [`Error::Store`] when that cannot be told.
    pub async fn take(&self, tried: &Try<'_>, now: Timestamp) -> Result<(), Error> {
        let buckets = Buckets::of(tried);
        let seen = self.read(buckets.all()).await?;
        let wait = wait(&buckets, &seen, now);
        if !wait.is_zero() {
            return Err(Error::TooMany(wait));
        }
        let pair = self.count_pair(buckets.pair.as_ref(), &seen, now);
        let shared = buckets.shared().map(|bucket| self.count_shared(bucket, seen.get(&bucket.key), now));
        let (overtaken, _) = try_join(pair, try_join_all(shared)).await?;
        match overtaken {
            None => Ok(()),
            Some(wait) => {
                join_all(buckets.shared().map(|bucket| self.take_back(bucket).unwrap_or_else(log))).await;
                Err(Error::TooMany(wait))
            }
        }
    }

    /// Notes that a try succeeded, which was counted: its pair starts anew and is trusted for 30 days, the account's own
    /// counter is gone. The address gets back this one try and no more, or somebody with an account would buy guesses at
    /// others with it. Does nothing where there is no success to speak of, as for
    /// [`Purpose::Reset`](crate::Purpose::Reset). A failure is logged: the person is in, and pays with a stricter limit.
    pub async fn clear(&self, tried: &Try<'_>, now: Timestamp) {
        if !tried.purpose.clears() {
            return;
        }
        let Buckets { pair, account, address } = Buckets::of(tried);
        let pair = join_all(pair.iter().map(|pair| self.trust(pair, now).unwrap_or_else(log)));
        let account = join_all(account.iter().map(|account| self.forget(account).unwrap_or_else(log)));
        join3(pair, account, self.take_back(&address).unwrap_or_else(log)).await;
    }

    /// Takes a try back that was counted and came to nothing, because the stores failed: nothing was learnt from it. A
    /// failure is logged: the try stays counted.
    pub async fn release(&self, tried: &Try<'_>) {
        if !tried.purpose.clears() {
            return;
        }
        let buckets = Buckets::of(tried);
        join_all(buckets.all().map(|bucket| self.take_back(bucket).unwrap_or_else(log))).await;
    }

    /// The rows that there are, by their keys.
    async fn read(&self, buckets: impl Iterator<Item = &Bucket>) -> Result<HashMap<String, Counter>, dynamo::Error> {
        let keys = buckets.map(|bucket| HashMap::from([("key".to_owned(), text(&bucket.key))])).collect();
        let keys = KeysAndAttributes::builder().consistent_read(true).set_keys(Some(keys)).build()?;
        let table = self.dynamo.table(TABLE);
        dynamo::retry_conflicts(async || {
            let get = self.dynamo.client.batch_get_item().request_items(table.as_str(), keys.clone());
            let answer = get.send().await?;
            // A row that is left out is not one that is not there.
            if answer.unprocessed_keys.is_some_and(|left| !left.is_empty()) {
                return Err(dynamo::Error::Conflict);
            }
            let rows = answer.responses.unwrap_or_default().into_values().flatten();
            let counters = rows.map(|row| dynamo::decode::<Counter>(TABLE, row));
            counters.map(|counter| counter.map(|counter| (counter.key.clone(), counter))).collect()
        })
        .await
    }

    /// Counts a try of the pair by comparing with what was read, so that no two tries are taken for the same one. Returns
    /// how long to wait, when others have used up what was left.
    async fn count_pair(
        &self,
        pair: Option<&Bucket>,
        seen: &HashMap<String, Counter>,
        now: Timestamp,
    ) -> Result<Option<Duration>, dynamo::Error> {
        let Some(pair) = pair else { return Ok(None) };
        match self.swap(pair, seen.get(&pair.key), now).await {
            Err(dynamo::Error::Conflict) => {}
            other => return other.map(|()| None),
        }
        dynamo::retry_conflicts(async || {
            let seen = self.read([pair].into_iter()).await?;
            let seen = seen.get(&pair.key);
            let wait = seen.map_or(Duration::ZERO, |seen| seen.wait(pair.limit, now));
            if wait.is_zero() { self.swap(pair, seen, now).await.map(|()| None) } else { Ok(Some(wait)) }
        })
        .await
    }

    /// # Errors
    /// [`dynamo::Error::Conflict`] when the row is not as it was seen.
    async fn swap(&self, pair: &Bucket, seen: Option<&Counter>, now: Timestamp) -> Result<(), dynamo::Error> {
        let next = Counter::next(&pair.key, seen, pair.limit, now);
        let put = self.dynamo.client.put_item().table_name(self.dynamo.table(TABLE));
        let put = put.set_item(Some(dynamo::encode(TABLE, &next)?));
        let put = match seen {
            None => put.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", "key"),
            Some(seen) => put
                .condition_expression("tries = :tries AND began_at = :began_at")
                .expression_attribute_values(":tries", number(seen.tries))
                .expression_attribute_values(":began_at", moment(seen.began_at)),
        };
        match put.send().await.map_err(dynamo::Error::from) {
            Err(dynamo::Error::Condition) => Err(dynamo::Error::Conflict),
            other => other.map(|_| ()),
        }
    }

    /// Counts a try of what strangers share. Many of them may come at once, so that nobody waits for anybody: the number is
    /// added to, and what was read decides only whether a new window begins.
    async fn count_shared(&self, bucket: &Bucket, seen: Option<&Counter>, now: Timestamp) -> Result<(), dynamo::Error> {
        if let Some(over) = seen.filter(|seen| seen.is_over(bucket.limit, now)) {
            match self.swap(bucket, Some(over), now).await {
                // Somebody else has begun the window.
                Err(dynamo::Error::Conflict) => {}
                other => return other,
            }
        }
        let update =
            self.dynamo.client.update_item().table_name(self.dynamo.table(TABLE)).key("key", text(&bucket.key));
        let update = update
            .update_expression(
                "SET began_at = if_not_exists(began_at, :now), last_at = :now, \
                 purge_at = if_not_exists(purge_at, :purge_at) ADD tries :one",
            )
            .expression_attribute_values(":now", moment(now))
            .expression_attribute_values(":purge_at", number(purge_at(bucket.limit, now)))
            .expression_attribute_values(":one", number(1));
        update.send().await?;
        Ok(())
    }

    async fn trust(&self, pair: &Bucket, now: Timestamp) -> Result<(), dynamo::Error> {
        let row = dynamo::encode(TABLE, &Counter::trusted(&pair.key, now))?;
        self.dynamo.client.put_item().table_name(self.dynamo.table(TABLE)).set_item(Some(row)).send().await?;
        Ok(())
    }

    async fn forget(&self, account: &Bucket) -> Result<(), dynamo::Error> {
        let delete = self.dynamo.client.delete_item().table_name(self.dynamo.table(TABLE));
        delete.key("key", text(&account.key)).send().await?;
        Ok(())
    }

    /// Takes one try back.
    async fn take_back(&self, bucket: &Bucket) -> Result<(), dynamo::Error> {
        let update =
            self.dynamo.client.update_item().table_name(self.dynamo.table(TABLE)).key("key", text(&bucket.key));
        let update = update
            .update_expression("ADD tries :minus_one")
            .condition_expression("tries > :none")
            .expression_attribute_values(":minus_one", number(-1))
            .expression_attribute_values(":none", number(0));
        match update.send().await.map_err(dynamo::Error::from) {
            Err(dynamo::Error::Condition) => Ok(()),
            other => other.map(|_| ()),
        }
    }
}

/// The longest wait of a try's counters. Whoever is trusted is not subject to the account's own, which strangers can fill.
fn wait(buckets: &Buckets, seen: &HashMap<String, Counter>, now: Timestamp) -> Duration {
    let counter = |bucket: &&Bucket| seen.get(&bucket.key);
    let trusted = buckets.pair.as_ref().and_then(|pair| counter(&pair)).is_some_and(|pair| pair.is_trusted(now));
    let account = buckets.account.iter().filter(|_| !trusted);
    let judged = buckets.pair.iter().chain(account).chain([&buckets.address]);
    let waits = judged.filter_map(|bucket| Some(counter(&bucket)?.wait(bucket.limit, now)));
    waits.max().unwrap_or_default()
}

fn log(error: dynamo::Error) {
    tracing::warn!(%error, "a try stays counted");
}
