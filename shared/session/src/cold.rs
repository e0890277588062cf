mod device;
mod end;
mod ending;
mod erase;
mod list;
mod why;

pub(crate) use end::{Of, Over};
pub(crate) use ending::Write;
pub use why::Why;

use crate::{
    Account, Entry, Kind, Policy, SessionId,
    policy::sooner,
    record::{Record, Row},
};
use aws_sdk_dynamodb::{
    operation::transact_write_items::builders::TransactWriteItemsFluentBuilder,
    types::{AttributeValue, Put, TransactWriteItem, Update, builders::UpdateBuilder},
};
use dynamo::{Dynamo, Error, held, moment, number, text};
use jiff::Timestamp;

const SESSIONS: &str = "sessions";

/// The durable tier: the row that decides, and the user's map, through which one write creates a session or ends all.
pub(crate) struct Cold {
    pub dynamo: Dynamo,
    pub policy: Policy,
}

impl Cold {
    /// The current row of a session of this kind. The kind follows from where the token was presented: the family half
    /// of a refresh token has the form of a browser's token, and neither may be accepted as the other.
    pub async fn row(&self, id: &SessionId, kind: Kind) -> Result<Option<Row>, Error> {
        Ok(self.row_of_any_kind(id).await?.filter(|row| row.record.kind == kind))
    }

    /// The current row of a session that a client names by its public id. The stub that [`end_all`](Self::end_all)
    /// writes where a row is missing does not count as a row.
    pub async fn row_of_any_kind(&self, id: &SessionId) -> Result<Option<Row>, Error> {
        let get = self.dynamo.client.get_item().table_name(self.sessions()).consistent_read(true);
        let item = get.key("session_id", text(id)).send().await?.item;
        self.whole(item)
    }

    fn whole(&self, item: Option<dynamo::Row>) -> Result<Option<Row>, Error> {
        let item = item.filter(|row| row.contains_key("created_at") || !row.contains_key("revoked_at"));
        item.map(|row| self.read(row)).transpose()
    }

    /// Reads a row by the current policy: if the idle time was lowered since, the shorter one applies.
    fn read(&self, row: dynamo::Row) -> Result<Row, Error> {
        let row: Row = dynamo::decode(SESSIONS, row)?;
        let longest = self.policy.idle_expiry(row.record.kind, row.renewed_at);
        Ok(Row { idle_expires_at: row.idle_expires_at.min(longest), ..row })
    }

    /// Asks for a row that never exists, with an eventually consistent read: the cheapest one.
    pub async fn answers(&self) -> Result<(), Error> {
        let get = self.dynamo.client.get_item().table_name(self.sessions()).consistent_read(false);
        get.key("session_id", text("health")).projection_expression("session_id").send().await?;
        Ok(())
    }

    /// The current user, with the map exactly as it is stored.
    pub async fn account(&self, user_id: &str) -> Result<Option<(Account, AttributeValue)>, Error> {
        let get = self.dynamo.client.get_item().table_name(self.users()).consistent_read(true);
        let Some(row) = get.key("user_id", text(user_id)).send().await?.item else { return Ok(None) };
        let map = row.get("sessions").cloned().unwrap_or_else(|| AttributeValue::M([].into()));
        Ok(Some((Account::from_row(row)?, map)))
    }

    /// Moves the idle expiry of a browser's session that lives and was last renewed before `now`. `false`: the session
    /// is over, or was already renewed at `now` or later. The condition fails for a missing row too, which has none of
    /// the compared moments. A request can do without a renewal, so it waits only briefly.
    pub async fn renew(&self, id: &SessionId, now: Timestamp) -> Result<bool, Error> {
        let renewed = self.dynamo.briefly(dynamo::retry_conflicts(async || {
            let update = self.dynamo.client.update_item().table_name(self.sessions()).key("session_id", text(id));
            update
                .update_expression("SET renewed_at = :now, last_seen_at = :now, idle_expires_at = :idle")
                .condition_expression(
                    "attribute_not_exists(revoked_at) AND absolute_expires_at > :now AND idle_expires_at > :now \
                     AND renewed_at < :now AND renewed_at > :idle_since",
                )
                .expression_attribute_values(":now", moment(now))
                .expression_attribute_values(":idle", moment(self.policy.idle_expiry(Kind::Browser, now)))
                .expression_attribute_values(":idle_since", moment(sooner(now, self.policy.idle)))
                .send()
                .await?;
            Ok(())
        }));
        Ok(held(renewed.await)?.is_some())
    }

    /// Commits a login under the epoch that its credential was read with; expired entries leave the map.
    /// [`Error::Condition`]: the epoch moved, the account was disabled or the map is full. Nothing was written.
    pub async fn create(&self, account: &Account, row: &Row) -> Result<(), Error> {
        let now = row.record.created_at;
        let entry = Entry {
            epoch: account.security_epoch,
            created_at: now,
            absolute_expires_at: row.record.absolute_expires_at,
            kind: row.record.kind,
        };
        let entry = dynamo::encode(Account::TABLE, &entry)?;
        dynamo::retry_conflicts(async || {
            let user = self
                .drop_entries(&account.user_id, &account.expired(now), "SET sessions.#new = :entry")
                .expression_attribute_names("#new", row.session_id.as_str())
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":entry", AttributeValue::M(entry.clone()))
                .expression_attribute_values(":epoch", number(account.security_epoch))
                .expression_attribute_values(":active", text("active"))
                .expression_attribute_values(":full", number(self.policy.fullest()))
                .condition_expression("security_epoch = :epoch AND #status = :active AND size(sessions) < :full");
            let session = Put::builder()
                .table_name(self.sessions())
                .set_item(Some(dynamo::encode(SESSIONS, row)?))
                .condition_expression("attribute_not_exists(session_id)");
            let session = TransactWriteItem::builder().put(session.build()?).build();
            self.transaction().transact_items(update(user)?).transact_items(session).send().await?;
            Ok(())
        })
        .await
    }

    /// Takes finished sessions out of the user's map.
    pub async fn tidy(&self, user_id: &str, ids: &[SessionId]) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        dynamo::retry_conflicts(async || {
            let update = self.drop_entries(user_id, ids, "").build()?;
            self.dynamo
                .client
                .update_item()
                .table_name(update.table_name)
                .set_key(Some(update.key))
                .update_expression(update.update_expression)
                .condition_expression("attribute_exists(user_id)")
                .set_expression_attribute_names(update.expression_attribute_names)
                .send()
                .await?;
            Ok(())
        })
        .await
    }

    /// An update of the user that starts with the clause `first` and removes entries from the map.
    fn drop_entries(&self, user_id: &str, ids: &[SessionId], first: &str) -> UpdateBuilder {
        let paths: Vec<_> = (0..ids.len()).map(|index| format!("sessions.#s{index}")).collect();
        let remove = if paths.is_empty() { String::new() } else { format!(" REMOVE {}", paths.join(", ")) };
        let update = Update::builder()
            .table_name(self.users())
            .key("user_id", text(user_id))
            .update_expression(format!("{first}{remove}").trim());
        let names = ids.iter().enumerate().map(|(index, id)| (format!("#s{index}"), id.to_string()));
        names.fold(update, |update, (name, id)| update.expression_attribute_names(name, id))
    }

    fn transaction(&self) -> TransactWriteItemsFluentBuilder {
        self.dynamo.client.transact_write_items()
    }

    fn sessions(&self) -> String {
        self.dynamo.table(SESSIONS)
    }

    fn users(&self) -> String {
        self.dynamo.table(Account::TABLE)
    }
}

/// A new row for `record`, renewed at its creation.
pub(crate) fn new_row(session_id: SessionId, record: Record, client: crate::Client, policy: &Policy) -> Row {
    let now = record.created_at;
    Row {
        session_id,
        renewed_at: now,
        last_seen_at: now,
        idle_expires_at: policy.idle_expiry(record.kind, now),
        ip: client.ip,
        user_agent: client.user_agent,
        browser: None,
        epoch: None,
        device: None,
        revoked_at: None,
        revoked_why: None,
        purge_at: policy.purge_at(record.absolute_expires_at).as_second(),
        record,
    }
}

fn update(builder: UpdateBuilder) -> Result<TransactWriteItem, Error> {
    Ok(TransactWriteItem::builder().update(builder.build()?).build())
}
