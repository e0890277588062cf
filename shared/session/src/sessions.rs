//! One verb per file; this one holds what they share.

mod authenticate;
mod create;
mod device;
mod end_user;
mod erase;
mod follow;
mod health;
mod list;
mod refresh;
mod revoke;
mod revoke_all;
mod seen;
mod standing;

pub use authenticate::Slide;
pub use create::{Begun, Login};
pub use end_user::{Change, Ended, Ending};
pub use follow::{LooseEnd, RowChange, Unreadable};
pub use health::Health;
pub use list::Listed;
pub use refresh::Refresh;
pub use revoke::Left;
pub use seen::{Earlier, Seen};
pub use standing::Standing;

use crate::{Error, Hot, Policy, SessionId, cold::Cold, record::Row};
use dynamo::Dynamo;
use environment::Environment;
use jiff::Timestamp;

/// Creates, authenticates, renews, restores, refreshes, lists and ends sessions.
pub struct Sessions {
    policy: Policy,
    /// `None`: only DynamoDB is used.
    hot: Option<Hot>,
    cold: Cold,
}

impl Sessions {
    /// Reads what [`Policy::from_environment`] reads, and `REDIS_URL` (absent: only DynamoDB is used); faults stay in
    /// `environment`.
    pub fn from_environment(environment: &mut Environment, dynamo: &Dynamo) -> Self {
        let policy = Policy::from_environment(environment);
        Self::new(policy, environment.optional("REDIS_URL", Hot::at), dynamo.clone())
    }

    /// Sessions on these stores. Connections are made when they are needed.
    pub fn new(policy: Policy, hot: Option<Hot>, dynamo: Dynamo) -> Self {
        Self { hot, cold: Cold { dynamo, policy: policy.clone() }, policy }
    }

    /// Puts tombstones over the hot copies of sessions that have ended. An ending is reported only after this.
    async fn bury(&self, ids: &[SessionId]) -> Result<(), Error> {
        match &self.hot {
            Some(hot) => hot.bury(ids, self.policy.tombstone_life()).await.map_err(Error::Unfinished),
            None => Ok(()),
        }
    }

    /// Removes the hot copy of a session that was presented and is over: a copy that stayed would be served while
    /// DynamoDB is away. If there is no row, a tombstone only replaces an existing copy, so that made-up tokens use no
    /// memory. A session that has gone idle loses its copy but gets no tombstone: a renewal already under way may have
    /// saved it.
    async fn lay_to_rest(&self, id: &SessionId, row: Option<&Row>, now: Timestamp) -> Result<(), Error> {
        let Some(hot) = &self.hot else { return Ok(()) };
        let done = match row {
            None => hot.bury_copy(id, self.policy.tombstone_life()).await,
            Some(row) if row.is_final(now) => return self.bury(std::slice::from_ref(id)).await,
            Some(row) => hot.shorten(id, row.idle_expires_at).await,
        };
        done.map_err(Error::Unfinished)
    }

    /// As [`lay_to_rest`](Self::lay_to_rest), for a request that reports no ending: a failure does not change its
    /// answer.
    async fn lay_to_rest_quietly(&self, id: &SessionId, row: Option<&Row>, now: Timestamp) {
        if let Err(error) = self.lay_to_rest(id, row, now).await {
            tracing::warn!(error = &error as &dyn std::error::Error, session_id = %id, "Redis may keep the copy of a session that is over");
        }
    }

    /// Takes ended sessions out of the user's map. An entry that stays counts towards the cap until it is the oldest or
    /// expires, so a failure is only logged.
    async fn tidy(&self, user_id: &str, ids: &[SessionId]) {
        if ids.is_empty() {
            return;
        }
        if let Err(error) = self.cold.dynamo.briefly(self.cold.tidy(user_id, ids)).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                user_id,
                "ended sessions stay in the user's map for now"
            );
        }
    }
}
