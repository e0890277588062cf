use super::Sessions;
use crate::{Account, Error, SessionId};
use dynamo::Row;
use serde::Deserialize;
use std::collections::BTreeMap;

/// [`Kind::Device`](crate::Kind), as rows have it.
const DEVICE: &str = "device";

/// A change of a row, as the stream of its table tells it: up to a day late, and any number of times.
#[derive(Clone, Debug)]
pub enum RowChange {
    /// The row was written.
    Written {
        /// The row before, where there was one and the stream tells it.
        old: Option<Row>,
        /// The row after.
        new: Row,
    },
    /// Somebody took the row away.
    Removed {
        /// The row before, where the stream tells it.
        old: Option<Row>,
    },
    /// The row's own time to live took it away.
    Expired,
}

/// What the request that made a change does next, unless it dies first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LooseEnd {
    /// A session was revoked: Redis has to hear of it.
    Revoked(SessionId),
    /// The row of a session was taken away by hand: so it has of that, unless the row is back.
    Removed(SessionId),
    /// Every session of this user was revoked: Redis has to hear of it, and the user's map.
    User(String),
}

/// Why a change says nothing. The message holds nothing of the row.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The table is none whose changes mean anything here.
    #[error("it is of a table that is not followed")]
    Table,
    /// The row is none that this code writes.
    #[error("its row has another form than the table's rows have")]
    Row(#[source] dynamo::Error),
}

/// What is read of a session's row. One that was made to say that a missing session is dead has no kind.
#[derive(Deserialize)]
struct Image {
    session_id: SessionId,
    /// As text: a kind that this version does not know yet has a hot copy as well.
    kind: Option<String>,
}

/// What is read of a user's row.
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
    /// What a change of a row of `table`, a full name, leaves to be done. Asks no store: a change of a session that lives on
    /// costs nothing.
    ///
    /// # Errors
    /// [`Unreadable`] when the change is of something else, or the row cannot be read.
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

    /// Does what is left to be done. Whoever does it at the same time, or has done it before, does not mind.
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

    /// As [`finish_user`](Self::finish_user), but a map that cannot be tidied is a failure: nobody else may come for it.
    async fn finish_as_stored(&self, user_id: &str) -> Result<(), Error> {
        let Some((account, _)) = self.cold.account(user_id).await? else { return Ok(()) };
        let left = account.unfinished();
        self.bury(&left).await?;
        // Where the condition does not hold, the user is gone, and the map with it.
        dynamo::held(self.cold.tidy(user_id, &left).await)?;
        Ok(())
    }
}

/// A session that this change ended. The conditions of all writes take the presence of `revoked_at` for the end, so that
/// is what counts here.
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

/// A user whose map shows that not all is done.
fn unfinished(change: RowChange) -> Result<Option<LooseEnd>, Unreadable> {
    let RowChange::Written { new, .. } = change else { return Ok(None) };
    let user: UserImage = dynamo::decode(Account::TABLE, new).map_err(Unreadable::Row)?;
    let left = user.sessions.values().any(|entry| entry.epoch < user.security_epoch);
    Ok(left.then_some(LooseEnd::User(user.user_id)))
}
