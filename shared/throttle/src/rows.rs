use crate::{
    bucket::Bucket,
    counter::{Counter, TABLE, first_revision, purge_at},
    lease::Lease,
    step::Step,
};
use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{DeleteRequest, KeysAndAttributes, PutRequest, ReturnValuesOnConditionCheckFailure, WriteRequest},
};
use dynamo::{Dynamo, Error, Outcome, held, moment, number, text};
use jiff::Timestamp;
use std::{collections::HashMap, time::Duration};

/// What became of an attempt to count a try.
enum Taken {
    /// It is counted.
    Counted,
    /// It is not allowed before this time is over.
    Wait(Duration),
    /// The row was not as it was seen, but like this, if that is known.
    Not(Option<Counter>),
}

impl Taken {
    fn wait(self) -> Option<Duration> {
        if let Self::Wait(wait) = self { Some(wait) } else { None }
    }
}

/// The rows of the table.
///
/// Each write has a condition that fails the second time, because the SDK repeats a write whose answer was lost.
#[derive(Clone)]
pub(crate) struct Rows(pub Dynamo);

impl Rows {
    /// The existing rows, by key.
    pub async fn read(&self, buckets: impl Iterator<Item = &Bucket>) -> Result<HashMap<String, Counter>, Error> {
        let keys: Vec<_> = buckets.map(|bucket| HashMap::from([("key".to_owned(), text(&bucket.key))])).collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let keys = KeysAndAttributes::builder().consistent_read(true).set_keys(Some(keys)).build()?;
        let table = self.0.table(TABLE);
        dynamo::retry_conflicts(async || {
            let get = self.0.client.batch_get_item().request_items(table.as_str(), keys.clone());
            let answer = get.send().await?;
            // A row that is left out of the answer may still exist.
            if answer.unprocessed_keys.is_some_and(|left| !left.is_empty()) {
                return Err(Error::Conflict);
            }
            let rows = answer.responses.unwrap_or_default().into_values().flatten();
            let counters = rows.map(Counter::from_row);
            counters.map(|counter| counter.map(|counter| (counter.key.clone(), counter))).collect()
        })
        .await
    }

    /// Counts a try if its counter allows one. The decision is the condition of the write, so tries side by side are
    /// allowed only as far as they would be one after the other. Otherwise returns how long to wait.
    pub async fn take(
        &self,
        bucket: &Bucket,
        seen: Option<&Counter>,
        lease: &Lease,
    ) -> Result<Option<Duration>, Error> {
        let again = match Box::pin(self.try_to_take(bucket, seen, lease)).await {
            // The refused write tells how the row is, which saves a read.
            Ok(Taken::Not(Some(found))) => Box::pin(self.try_to_take(bucket, Some(&found), lease)).await,
            other => other,
        };
        match again {
            Ok(Taken::Not(_)) | Err(Error::Conflict) => {}
            other => return other.map(Taken::wait),
        }
        dynamo::retry_conflicts(async || {
            let seen = self.read([bucket].into_iter()).await?;
            match Box::pin(self.try_to_take(bucket, seen.get(&bucket.key), lease)).await? {
                Taken::Not(_) => Err(Error::Conflict),
                taken => Ok(taken.wait()),
            }
        })
        .await
    }

    async fn try_to_take(&self, bucket: &Bucket, seen: Option<&Counter>, lease: &Lease) -> Result<Taken, Error> {
        match Step::of(&bucket.key, seen, bucket.limit, lease) {
            Step::Done => Ok(Taken::Counted),
            Step::Wait(wait) => Ok(Taken::Wait(wait)),
            Step::Add => self.add(bucket, lease).await,
            Step::Replace(next) => {
                Ok(held(self.replace(seen, next).await)?.map_or(Taken::Not(None), |()| Taken::Counted))
            }
        }
    }

    /// Free tries do not conflict with each other, even if many come at once.
    async fn add(&self, bucket: &Bucket, lease: &Lease) -> Result<Taken, Error> {
        let (limit, now) = (bucket.limit, lease.taken_at);
        let shut = now.checked_sub(limit.window).unwrap_or(Timestamp::MIN);
        let update = self
            .change(bucket, lease)
            .update_expression(
                "SET #lease = :until, began_at = if_not_exists(began_at, :now), last_at = if_not_exists(last_at, :now), \
                 purge_at = if_not_exists(purge_at, :purge_at), revision = if_not_exists(revision, :first) + :one \
                 ADD tries :one",
            )
            .condition_expression(
                "attribute_not_exists(tries) OR \
                 (tries < :free AND began_at > :shut AND attribute_not_exists(#lease))",
            )
            .expression_attribute_values(":until", moment(lease.until()))
            .expression_attribute_values(":now", moment(now))
            .expression_attribute_values(":purge_at", number(purge_at(limit, now)))
            .expression_attribute_values(":first", number(first_revision(now)))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":free", number(limit.free))
            .expression_attribute_values(":shut", moment(shut))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match Outcome::of(update.send().await)? {
            Outcome::Made(_) => Ok(Taken::Counted),
            Outcome::Refused(found) => Ok(Taken::Not(found.map(Counter::from_row).transpose()?)),
        }
    }

    async fn replace(&self, seen: Option<&Counter>, next: Counter) -> Result<(), Error> {
        let put = self.0.client.put_item().table_name(self.0.table(TABLE)).set_item(Some(next.to_row()?));
        let put = match seen {
            None => put.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", "key"),
            // An earlier version of this code writes no revision, and drops it.
            Some(Counter { revision: None, tries, .. }) => put
                .condition_expression("attribute_not_exists(revision) AND tries = :tries")
                .expression_attribute_values(":tries", number(tries)),
            Some(Counter { revision: Some(revision), tries, .. }) => put
                .condition_expression("revision = :revision AND tries = :tries")
                .expression_attribute_values(":revision", number(revision))
                .expression_attribute_values(":tries", number(tries)),
        };
        put.send().await?;
        Ok(())
    }

    /// Records that a try was refused. If its lease is gone, this is already recorded, or a success has emptied the
    /// counter.
    pub async fn settle(&self, bucket: &Bucket, lease: &Lease) -> Result<(), Error> {
        let update = self
            .change(bucket, lease)
            .update_expression("SET last_at = :taken_at REMOVE #lease ADD revision :one")
            .condition_expression("attribute_exists(#lease)")
            .expression_attribute_values(":taken_at", moment(lease.taken_at))
            .expression_attribute_values(":one", number(1));
        done(update).await
    }

    /// Takes a try back.
    pub async fn give_back(&self, bucket: &Bucket, lease: &Lease) -> Result<(), Error> {
        let update = self
            .change(bucket, lease)
            .update_expression("REMOVE #lease ADD tries :minus_one, revision :one")
            .condition_expression("attribute_exists(#lease)")
            .expression_attribute_values(":minus_one", number(-1))
            .expression_attribute_values(":one", number(1));
        done(update).await
    }

    /// Replaces a counter and deletes another one, in one write.
    pub async fn reset(&self, replaced: Option<Counter>, deleted: Option<String>) -> Result<(), Error> {
        let mut requests = Vec::new();
        if let Some(counter) = replaced {
            let put = PutRequest::builder().set_item(Some(counter.to_row()?)).build()?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        if let Some(key) = deleted {
            let delete = DeleteRequest::builder().key("key", text(key)).build()?;
            requests.push(WriteRequest::builder().delete_request(delete).build());
        }
        if requests.is_empty() {
            return Ok(());
        }
        let table = self.0.table(TABLE);
        dynamo::retry_conflicts(async || {
            let write = self.0.client.batch_write_item().request_items(table.as_str(), requests.clone());
            let left = write.send().await?.unprocessed_items;
            // When DynamoDB is busy it leaves some out. All are written again: they do not depend on what is there.
            if left.is_some_and(|left| !left.is_empty()) { Err(Error::Conflict) } else { Ok(()) }
        })
        .await
    }

    fn change(&self, bucket: &Bucket, lease: &Lease) -> UpdateItemFluentBuilder {
        let update = self.0.client.update_item().table_name(self.0.table(TABLE)).key("key", text(&bucket.key));
        update.expression_attribute_names("#lease", lease.attribute())
    }
}

/// If the condition of the update does not hold, it was made before.
async fn done(update: UpdateItemFluentBuilder) -> Result<(), Error> {
    held(update.send().await).map(|_| ())
}
