use super::Sessions;
use crate::{Account, Error, SessionId};
use dynamo::Row;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How rows spell [`Kind::Device`](crate::Kind).
const DEVICE: &str = "device";

/// A change of a row, as the table's stream reports it: up to a day late, and any number of times.
#[derive(Clone, Debug)]
pub enum RowChange {
    /// The row was written.
    Written {
        /// The row before, if there was one and the stream has it.
        old: Option<Row>,
        /// The row after.
        new: Row,
    },
    /// A person or a program deleted the row.
    Removed {
        /// The row before, if the stream has it.
        old: Option<Row>,
    },
    /// DynamoDB's time to live deleted the row.
    Expired,
}

/// What the request that made a change does next, unless it dies first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LooseEnd {
    /// A session was revoked: Redis must learn of it.
    Revoked(SessionId),
    /// The row of a session was deleted by hand: Redis must learn of this too, unless the row is back.
    Removed(SessionId),
    /// Every session of this user was revoked: Redis and the user's map must learn of it.
    User(String),
}

/// Why nothing can be read from a change. The message holds nothing of the row.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The change is of a table that is not followed.
    #[error("it is of a table that is not followed")]
    Table,
    /// The row has a form that this code does not write.
    #[error("its row has another form than the table's rows have")]
    Row(#[source] dynamo::Error),
}

/// The part of a session's row that is read. A stub that marks a missing session as dead has no kind.
#[derive(Deserialize)]
struct Image {
    session_id: SessionId,
    /// As text: a kind that this version does not know yet has a hot copy too.
    kind: Option<String>,
}

/// The part of a user's row that is read.
#[derive(Deserialize)]
struct UserImage {
    user_id: String,
    security_epoch: u64,
    sessions: BTreeMap<String, EntryImage>,
}

#[derive(Deserialize)]
struct EntryImage {
    epoch: u64,
}

impl Sessions {
    /// What is left to do after a change of a row of `table`, a full name. Asks no store: a change of a session that
    /// lives on costs nothing.
    ///
    /// # Errors
    /// [`Unreadable`] when the change is of another table, or the row cannot be read.
    pub fn loose_end(&self, table: &str, change: RowChange) -> Result<Option<LooseEnd>, Unreadable> {
        let dynamo = &self.cold.dynamo;
        if table == dynamo.table(Account::TABLE) {
            return unfinished(change);
        }
        if table != dynamo.table("sessions") {
            return Err(Unreadable::Table);
        }
        // Without a hot copy the row is all there is.
        if self.hot.is_some() { ended(change) } else { Ok(None) }
    }

    /// Does what is left to do. It is harmless if another request does the same, at once or before.
    ///
    /// # Errors
    /// [`Error::Unfinished`] when Redis did not take a tombstone, [`Error::Store`] when DynamoDB failed. A repeat finishes it.
    pub async fn tie_up(&self, end: &LooseEnd) -> Result<(), Error> {
        match end {
            LooseEnd::Revoked(id) => self.bury(std::slice::from_ref(id)).await,
            LooseEnd::Removed(id) => {
                // A row that an operator has put back decides again.
                let is_back = self.cold.row_of_any_kind(id).await?.is_some_and(|row| row.revoked_at.is_none());
                if is_back { Ok(()) } else { self.bury(std::slice::from_ref(id)).await }
            }
            LooseEnd::User(user_id) => self.finish_as_stored(user_id).await,
        }
    }

    /// As [`finish_user`](Self::finish_user), but if the map cannot be tidied this is a failure: perhaps no other
    /// request will try.
    async fn finish_as_stored(&self, user_id: &str) -> Result<(), Error> {
        let Some((account, _)) = self.cold.account(user_id).await? else { return Ok(()) };
        let left = account.unfinished();
        self.bury(&left).await?;
        // If the condition does not hold, the user is gone, and the map with it.
        dynamo::held(self.cold.tidy(user_id, &left).await)?;
        Ok(())
    }
}

/// The session that this change ended. The conditions of all writes take `revoked_at` as the sign of an ended session,
/// and so does this function.
fn ended(change: RowChange) -> Result<Option<LooseEnd>, Unreadable> {
    let is_revoked = |row: &Row| row.contains_key("revoked_at");
    let (row, end): (_, fn(SessionId) -> LooseEnd) = match change {
        RowChange::Written { old, new } if is_revoked(&new) && !old.as_ref().is_some_and(is_revoked) => {
            (new, LooseEnd::Revoked)
        }
        RowChange::Removed { old } => (old.unwrap_or_default(), LooseEnd::Removed),
        RowChange::Written { .. } | RowChange::Expired => return Ok(None),
    };
    let Image { session_id, kind } = dynamo::decode("sessions", row).map_err(Unreadable::Row)?;
    // A device has no hot copy.
    Ok((kind.as_deref() != Some(DEVICE)).then(|| end(session_id)))
}

/// The user whose map shows that an ending is unfinished.
fn unfinished(change: RowChange) -> Result<Option<LooseEnd>, Unreadable> {
    let RowChange::Written { new, .. } = change else { return Ok(None) };
    let user: UserImage = dynamo::decode(Account::TABLE, new).map_err(Unreadable::Row)?;
    let left = user.sessions.values().any(|entry| entry.epoch < user.security_epoch);
    Ok(left.then_some(LooseEnd::User(user.user_id)))
}
