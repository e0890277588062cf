use super::{Cold, SESSIONS};
use crate::{
    SessionId,
    record::{Row, SignIn},
};
use aws_sdk_dynamodb::types::KeysAndAttributes;
use dynamo::{Error, moment, text};
use jiff::Timestamp;
use std::collections::HashMap;

impl Cold {
    /// The current rows of these sessions, at most 100. Missing rows are left out.
    pub async fn rows(&self, ids: impl IntoIterator<Item = &SessionId>) -> Result<Vec<Row>, Error> {
        let keys: Vec<_> = ids.into_iter().map(|id| HashMap::from([("session_id".to_owned(), text(id))])).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let table = self.dynamo.table(SESSIONS);
        let asked = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build()?;
        let found = dynamo::retry_conflicts(async || {
            let call = self.dynamo.client().batch_get_item().request_items(&table, asked.clone()).send().await?;
            // When DynamoDB is busy it leaves keys out. The whole batch is small, and asked for again.
            let left_out = call.unprocessed_keys.is_some_and(|left| !left.is_empty());
            if left_out { Err(Error::Conflict) } else { Ok(call.responses.unwrap_or_default()) }
        });
        let rows = found.await?.remove(&table).unwrap_or_default();
        let whole = rows.into_iter().filter(|row| row.contains_key("created_at"));
        whole.map(|row| self.read(row)).collect()
    }

    /// A page of so many of the user's sign-ins whose sessions began at `since` or later, the latest first, ended ones included.
    /// The index may lag a moment behind. The second part is where the next page starts, if any.
    pub async fn history(
        &self,
        user_id: &str,
        since: Timestamp,
        from: Option<dynamo::Row>,
        size: i32,
    ) -> Result<Page, Error> {
        let query = self.dynamo.client().query().table_name(self.dynamo.table(SESSIONS)).index_name("by_user");
        let page = query
            .key_condition_expression("user_id = :user AND created_at >= :since")
            .expression_attribute_values(":user", text(user_id))
            .expression_attribute_values(":since", moment(since))
            .scan_index_forward(false)
            .limit(size)
            .set_exclusive_start_key(from)
            .send()
            .await?;
        let rows = page.items.unwrap_or_default().into_iter().map(|row| dynamo::decode(SESSIONS, row));
        Ok((rows.collect::<Result<_, _>>()?, page.last_evaluated_key))
    }
}

type Page = (Vec<SignIn>, Option<dynamo::Row>);
