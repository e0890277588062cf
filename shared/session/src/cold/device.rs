use super::{Cold, SESSIONS};
use crate::record::{Device, Row};
use aws_sdk_dynamodb::types::AttributeValue;
use dynamo::{Error, moment, text};
use jiff::Timestamp;

impl Cold {
    /// Replaces the current half of a device's session that is alive, if it still is the one that was read.
    /// [`Error::Condition`]: somebody else replaced it, or the session has ended. Nothing was written.
    pub async fn rotate(&self, read: &Row, device: Device, idle_expires_at: Timestamp) -> Result<(), Error> {
        let Some(old) = &read.device else { return Err(Error::Condition) };
        let now = device.rotated_at;
        let device = AttributeValue::M(dynamo::encode(SESSIONS, &device)?);
        dynamo::retry_conflicts(async || {
            let update = self.dynamo.client.update_item().table_name(self.dynamo.table(SESSIONS));
            update
                .key("session_id", text(&read.session_id))
                .update_expression(
                    "SET device = :device, renewed_at = :now, last_seen_at = :now, idle_expires_at = :idle",
                )
                .condition_expression("device.#current = :old AND attribute_not_exists(revoked_at)")
                .expression_attribute_names("#current", "current")
                .expression_attribute_values(":device", device.clone())
                .expression_attribute_values(":now", moment(now))
                .expression_attribute_values(":idle", moment(idle_expires_at))
                .expression_attribute_values(":old", text(&old.current))
                .send()
                .await?;
            Ok(())
        })
        .await
    }
}
