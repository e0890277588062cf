use super::{Cold, SESSIONS};
use dynamo::{Error, text};

impl Cold {
    /// The keys of every row of a user, ended sessions included, read through the index.
    pub async fn ids_of(&self, user_id: &str) -> Result<Vec<String>, Error> {
        let query = self.dynamo.client().query().table_name(self.dynamo.table(SESSIONS)).index_name("by_user");
        let query = query
            .projection_expression("session_id")
            .key_condition_expression("user_id = :user")
            .expression_attribute_values(":user", text(user_id));
        let rows = query.into_paginator().items().send().try_collect().await?;
        Ok(rows.into_iter().filter_map(|mut row| row.remove("session_id")?.as_s().ok().cloned()).collect())
    }

    /// Deletes a row.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let delete = self.dynamo.client().delete_item().table_name(self.dynamo.table(SESSIONS));
        delete.key("session_id", text(id)).send().await?;
        Ok(())
    }
}
