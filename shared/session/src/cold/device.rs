use super::{Cold, SESSIONS};
use crate::record::{Device, Row};
use aws_sdk_dynamodb::types::{AttributeValue, builders::UpdateBuilder};
use dynamo::{Error, moment, text};
use jiff::Timestamp;

impl Cold {
    /// Makes another half the current one of a device's session, which counts as a use of it. [`Error::Condition`]: the
    /// halves are not as they were read, or the session has ended. Nothing was written.
    pub async fn rotate(&self, read: &Row, device: Device, idle_expires_at: Timestamp) -> Result<(), Error> {
        let now = device.rotated_at;
        let device = AttributeValue::M(dynamo::encode(SESSIONS, &device)?);
        let update = UpdateBuilder::default()
            .update_expression("SET device = :device, renewed_at = :now, last_seen_at = :now, idle_expires_at = :idle")
            .expression_attribute_values(":device", device)
            .expression_attribute_values(":now", moment(now))
            .expression_attribute_values(":idle", moment(idle_expires_at));
        self.if_as_read(read, update).await
    }

    /// Notes that the current half has been shown: from then on the previous one gets no new half.
    /// [`Error::Condition`]: as for [`rotate`](Self::rotate).
    pub async fn note_shown(&self, read: &Row) -> Result<(), Error> {
        let update = UpdateBuilder::default()
            .update_expression("SET device.shown = :shown")
            .expression_attribute_values(":shown", AttributeValue::Bool(true));
        self.if_as_read(read, update).await
    }

    /// The condition covers both halves and whether the current one was shown. If a device and a thief write at the
    /// same time, one of them comes second and is judged by the state that the first has left.
    async fn if_as_read(&self, read: &Row, update: UpdateBuilder) -> Result<(), Error> {
        let Some(Device { current, previous, shown, .. }) = &read.device else { return Err(Error::Condition) };
        let mut condition = "attribute_not_exists(revoked_at) AND device.#current = :current".to_owned();
        let mut update = update
            .expression_attribute_names("#current", "current")
            .expression_attribute_values(":current", text(current));
        condition.push_str(match previous {
            Some(_) => " AND device.previous = :previous",
            None => " AND attribute_not_exists(device.previous)",
        });
        if let Some(previous) = previous {
            update = update.expression_attribute_values(":previous", text(previous));
        }
        if !shown {
            condition.push_str(" AND attribute_not_exists(device.shown)");
        }
        let update = update.table_name(self.sessions()).key("session_id", text(&read.session_id)).build()?;
        dynamo::retry_conflicts(async || {
            let update = update.clone();
            let call = self.dynamo.client().update_item().table_name(update.table_name).set_key(Some(update.key));
            call.update_expression(update.update_expression)
                .condition_expression(&condition)
                .set_expression_attribute_names(update.expression_attribute_names)
                .set_expression_attribute_values(update.expression_attribute_values)
                .send()
                .await?;
            Ok(())
        })
        .await
    }
}
