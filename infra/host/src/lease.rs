use aws_sdk_dynamodb::types::AttributeValue;
use dynamo::{Dynamo, Error, Outcome, moment, text};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use streams::Places;
use uuid::Uuid;

const TABLE: &str = "leases";

/// The row.
const NAME: &str = "background";

/// The right to do what one instance at a time does, for a limited time; and how far the last holder came.
///
/// Clocks differ, so for a moment two instances may both believe that they hold it. That does no harm: all that they do may
/// be done twice.
#[derive(Clone)]
pub struct Lease {
    dynamo: Dynamo,
    /// This instance, and no other that there ever was.
    holder: String,
    life: SignedDuration,
}

impl Lease {
    /// For this instance. What it takes is its own for `life`.
    pub fn new(dynamo: Dynamo, life: SignedDuration) -> Self {
        Self { dynamo, holder: Uuid::now_v7().to_string(), life }
    }

    /// How long the lease lasts.
    pub fn life(&self) -> SignedDuration {
        self.life
    }

    /// Takes the lease if no other instance holds it. Returns where its last holder was; `None`: another one holds it.
    ///
    /// # Errors
    /// When the store cannot be asked. The lease may be taken all the same: then it ends by itself.
    pub async fn take(&self, now: Timestamp) -> Result<Option<Places>, Error> {
        let update = self.write(now).update_expression("SET #holder = :me, #until = :until");
        let free = "attribute_not_exists(#holder) OR #holder = :me OR #until <= :now";
        let update = update.condition_expression(free).expression_attribute_values(":now", moment(now));
        match Outcome::of(update.return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew).send().await)? {
            Outcome::Made(row) => Ok(Some(row.get("places").map(places).unwrap_or_default())),
            Outcome::Refused(_) => Ok(None),
        }
    }

    /// Holds the lease for longer, and notes how far this instance is. Returns whether it still holds it.
    ///
    /// # Errors
    /// When the store cannot be asked. The lease may be renewed all the same.
    pub async fn renew(&self, at: &Places, now: Timestamp) -> Result<bool, Error> {
        self.note(at, now).await
    }

    /// Gives the lease back, so that no other instance has to wait for its end. Does nothing if it is another's by now.
    ///
    /// # Errors
    /// When the store cannot be asked. Then the lease ends by itself.
    pub async fn give_back(&self, at: &Places, now: Timestamp) -> Result<(), Error> {
        let over = now.checked_sub(self.life).unwrap_or(Timestamp::MIN);
        self.note(at, over).await.map(drop)
    }

    /// Writes the end of the lease and the places. Returns whether it was this instance's.
    async fn note(&self, at: &Places, now: Timestamp) -> Result<bool, Error> {
        let at = at.iter().map(|(shard, number)| (shard.clone(), text(number))).collect();
        let update = self.write(now).update_expression("SET #until = :until, #places = :places");
        let update = update.condition_expression("#holder = :me").expression_attribute_names("#places", "places");
        let update = update.expression_attribute_values(":places", AttributeValue::M(at));
        Ok(dynamo::held(update.send().await)?.is_some())
    }

    fn write(&self, now: Timestamp) -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder {
        let until = now.checked_add(self.life).unwrap_or(Timestamp::MAX);
        let update = self.dynamo.client().update_item().table_name(self.dynamo.table(TABLE)).key("lease", text(NAME));
        let names = [("#holder", "holder"), ("#until", "until")];
        let names: HashMap<_, _> = names.map(|(short, name)| (short.to_owned(), name.to_owned())).into();
        let update = update.set_expression_attribute_names(Some(names));
        update
            .expression_attribute_values(":me", text(&self.holder))
            .expression_attribute_values(":until", moment(until))
    }
}

/// The places in a row. Another form is none: then the streams are read from their first record, which only takes longer.
fn places(value: &AttributeValue) -> Places {
    let AttributeValue::M(map) = value else { return Places::new() };
    let place = |(shard, number): (&String, &AttributeValue)| Some((shard.clone(), number.as_s().ok()?.clone()));
    map.iter().filter_map(place).collect()
}
