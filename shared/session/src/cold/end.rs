use super::Cold;
use crate::{Kind, SessionId, Why, record::Row};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use dynamo::{Error, Outcome, moment, text};
use jiff::Timestamp;

/// Whose session it must be that a write ends.
#[derive(Clone, Copy)]
pub(crate) enum Of<'a> {
    /// One of this kind: the kind follows from where its token was presented, see [`Cold::row`].
    Kind(Kind),
    /// One of this user's, of either kind: it was named by its public id.
    User(&'a str),
}

/// A session that is over.
pub(crate) struct Over {
    /// The row now.
    pub row: Row,
    /// Whether this write ended it. Otherwise another one was first, and its reason and time stay.
    pub is_new: bool,
}

impl Cold {
    /// Ends one session: the commit point of a revocation. One write decides and returns the row, so no read comes
    /// before it. `None`: there never was such a session.
    pub async fn end(&self, id: &SessionId, of: Of<'_>, why: Why, now: Timestamp) -> Result<Option<Over>, Error> {
        let (name, value) = of.attribute();
        let ended = dynamo::retry_conflicts(async || {
            let update = self.dynamo.client.update_item().table_name(self.sessions()).key("session_id", text(id));
            let sent = update
                .update_expression("SET revoked_at = :now, revoked_why = :why")
                .condition_expression("#of = :of AND attribute_exists(created_at) AND attribute_not_exists(revoked_at)")
                .expression_attribute_names("#of", name)
                .expression_attribute_values(":of", value.clone())
                .expression_attribute_values(":now", moment(now))
                .expression_attribute_values(":why", text(why.as_str()))
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send();
            Outcome::of(sent.await)
        });
        match ended.await? {
            Outcome::Made(row) => Ok(Some(Over { row: self.read(row)?, is_new: true })),
            Outcome::Refused(row) => {
                let row = self.whole(row)?.filter(|row| of.owns(row));
                Ok(row.map(|row| Over { row, is_new: false }))
            }
        }
    }
}

impl Of<'_> {
    fn attribute(self) -> (&'static str, AttributeValue) {
        match self {
            Self::Kind(kind) => ("kind", text(kind.as_str())),
            Self::User(user_id) => ("user_id", text(user_id)),
        }
    }

    fn owns(self, row: &Row) -> bool {
        match self {
            Self::Kind(kind) => row.record.kind == kind,
            Self::User(user_id) => row.record.user_id == user_id,
        }
    }
}

impl Over {
    /// Whether it was alive until this write ended it.
    pub fn was_alive(&self, now: Timestamp) -> bool {
        self.is_new && !self.row.has_expired(now)
    }
}
