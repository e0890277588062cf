use super::{Cold, SESSIONS, update};
use crate::{Account, Change, Ending, Entry, SessionId};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update, builders::UpdateBuilder};
use dynamo::{Error, moment, number, text};
use jiff::Timestamp;

/// An account as it was read, map included, and the changes to write over it.
pub(crate) struct Write<'a> {
    pub account: &'a Account,
    /// The map exactly as it is stored.
    pub map: &'a AttributeValue,
    pub ending: &'a Ending,
}

impl Cold {
    /// Ends every session in the user's map and moves the epoch, if both are still as read. The ending's other writes
    /// are in the same transaction. [`Error::Condition`]: the map or the epoch has changed, or a condition of the other
    /// writes does not hold. Nothing was written.
    pub async fn end_all(&self, write: &Write<'_>, now: Timestamp) -> Result<(), Error> {
        let Write { account, map, ending } = write;
        let user = changed(&ending.change, Update::builder())
            .table_name(self.users())
            .key("user_id", text(&account.user_id))
            .condition_expression("security_epoch = :epoch AND sessions = :map")
            .expression_attribute_values(":next", number(account.security_epoch + 1))
            .expression_attribute_values(":epoch", number(account.security_epoch))
            .expression_attribute_values(":map", (*map).clone());
        let mut transaction = self.transaction().transact_items(update(user)?);
        let expired = account.expired(now);
        for (id, entry) in account.sessions.iter().filter(|(id, _)| !expired.contains(id)) {
            transaction = transaction.transact_items(self.ended(account, id, entry, ending, now)?);
        }
        for item in &ending.also {
            transaction = transaction.transact_items(item.clone());
        }
        transaction.send().await?;
        Ok(())
    }

    /// Without a condition: if the row is missing, a stub is written in its place that says the session is dead.
    fn ended(
        &self,
        account: &Account,
        id: &SessionId,
        entry: &Entry,
        ending: &Ending,
        now: Timestamp,
    ) -> Result<TransactWriteItem, Error> {
        let row = Update::builder()
            .table_name(self.dynamo.table(SESSIONS))
            .key("session_id", text(id))
            .update_expression(
                "SET revoked_at = if_not_exists(revoked_at, :now), revoked_why = if_not_exists(revoked_why, :why), \
                 user_id = :user, purge_at = if_not_exists(purge_at, :purge)",
            )
            .expression_attribute_values(":now", moment(now))
            .expression_attribute_values(":why", text(ending.why.as_str()))
            .expression_attribute_values(":user", text(&account.user_id))
            .expression_attribute_values(":purge", number(self.policy.purge_at(entry.absolute_expires_at).as_second()));
        update(row)
    }
}

fn changed(change: &Change, update: UpdateBuilder) -> UpdateBuilder {
    const EPOCH: &str = "SET security_epoch = :next";
    match change {
        Change::Nothing => update.update_expression(EPOCH),
        Change::Disable => update
            .update_expression(format!("{EPOCH}, #status = :disabled"))
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":disabled", text("disabled")),
        Change::Scopes(scopes) => update
            .update_expression(format!("{EPOCH}, scopes = :scopes"))
            .expression_attribute_values(":scopes", AttributeValue::L(scopes.iter().map(text).collect())),
    }
}
