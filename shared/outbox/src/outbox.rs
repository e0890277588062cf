use crate::{Letter, Locale, Matter};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use dynamo::{Dynamo, Error, held, moment, number, text};
use jiff::Timestamp;

const TABLE: &str = "outbox";

/// The letters that are still to be sent.
#[derive(Clone)]
pub struct Outbox {
    dynamo: Dynamo,
}

impl Outbox {
    /// The outbox in this store.
    pub fn new(dynamo: Dynamo) -> Self {
        Self { dynamo }
    }

    /// Puts a letter here, due at once. It takes one write, for every address.
    ///
    /// # Errors
    /// When the store did not take it, or its answer was lost: then the letter may still be sent.
    pub async fn put(&self, to: &str, locale: Locale, matter: Matter, now: Timestamp) -> Result<(), Error> {
        let row = dynamo::encode(TABLE, &Letter::new(to, locale, matter, now))?;
        self.dynamo.client().put_item().table_name(self.table()).set_item(Some(row)).send().await?;
        Ok(())
    }

    /// The same for a letter that its sender can do without: the store has only a moment to take it.
    ///
    /// # Errors
    /// As [`put`](Self::put), but sooner.
    pub async fn put_briefly(&self, to: &str, locale: Locale, matter: Matter, now: Timestamp) -> Result<(), Error> {
        self.dynamo.briefly(self.put(to, locale, matter, now)).await
    }

    /// The write that puts a letter here, for the same transaction as the change that it reports: both happen or
    /// neither.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the letter has no form as a row.
    pub fn item(&self, to: &str, locale: Locale, matter: Matter, now: Timestamp) -> Result<TransactWriteItem, Error> {
        let row = dynamo::encode(TABLE, &Letter::new(to, locale, matter, now))?;
        let put = Put::builder().table_name(self.table()).set_item(Some(row)).build()?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The letters that may be claimed, oldest first. A row that is not a letter is logged and left out: it must not
    /// block the others.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<Letter>, Error> {
        let scan = self.dynamo.client().scan().table_name(self.table()).consistent_read(true);
        let scan = scan.filter_expression("next_attempt_at <= :now").expression_attribute_values(":now", moment(now));
        let mut rows = scan.into_paginator().items().send();
        let mut letters = Vec::new();
        while let Some(row) = rows.next().await {
            match dynamo::decode::<Letter>(TABLE, row?) {
                Ok(letter) => letters.push(letter),
                Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "a letter cannot be read"),
            }
        }
        letters.sort_by(|one: &Letter, other| one.mail_id.cmp(&other.mail_id));
        Ok(letters)
    }

    /// Claims a due letter for a minute, in which no other caller gets it. `None`: another caller was first, or has
    /// sent it.
    ///
    /// # Errors
    /// When the store cannot be asked. The letter may be claimed; then it is due again in a minute.
    pub async fn claim(&self, letter: &Letter, now: Timestamp) -> Result<Option<Letter>, Error> {
        let claimed = letter.claimed(now);
        let update = self.dynamo.client().update_item().table_name(self.table()).key("mail_id", text(&letter.mail_id));
        let update = update
            .update_expression("SET next_attempt_at = :lease, attempts = :attempts")
            .condition_expression("next_attempt_at = :seen AND attempts = :before")
            .expression_attribute_values(":lease", moment(claimed.next_attempt_at))
            .expression_attribute_values(":attempts", number(claimed.attempts))
            .expression_attribute_values(":seen", moment(letter.next_attempt_at))
            .expression_attribute_values(":before", number(letter.attempts));
        Ok(held(update.send().await)?.map(|_| claimed))
    }

    /// Returns a claimed letter, to be tried later: 30 seconds after the first failure, doubling up to 15 minutes.
    ///
    /// # Errors
    /// When the store cannot be asked. The letter is due again in a minute.
    pub async fn postpone(&self, letter: &Letter, now: Timestamp) -> Result<(), Error> {
        let update = self.dynamo.client().update_item().table_name(self.table()).key("mail_id", text(&letter.mail_id));
        let update = update
            .update_expression("SET next_attempt_at = :later")
            // Without the condition, the write would create a row, or take the letter from a later claimant.
            .condition_expression("next_attempt_at = :lease AND attempts = :attempts")
            .expression_attribute_values(":later", moment(letter.retry_at(now)))
            .expression_attribute_values(":lease", moment(letter.next_attempt_at))
            .expression_attribute_values(":attempts", number(letter.attempts));
        held(update.send().await)?;
        Ok(())
    }

    /// Removes a finished letter: sent, no longer needed or given up.
    ///
    /// # Errors
    /// When the store cannot be asked. The letter may then be sent again.
    pub async fn settle(&self, letter: &Letter) -> Result<(), Error> {
        let delete = self.dynamo.client().delete_item().table_name(self.table());
        delete.key("mail_id", text(&letter.mail_id)).send().await?;
        Ok(())
    }

    fn table(&self) -> String {
        self.dynamo.table(TABLE)
    }
}
