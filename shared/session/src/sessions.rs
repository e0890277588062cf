//! One verb a file; this one holds what they share.

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
pub use create::Login;
pub use end_user::{Change, Ended, Ending};
pub use follow::{LooseEnd, RowChange, Unreadable};
pub use health::Health;
pub use list::Listed;
pub use refresh::Refresh;
pub use seen::Seen;
pub use standing::Standing;

use crate::{Error, Hot, Policy, SessionId, cold::Cold};
use dynamo::Dynamo;

/// Creates, authenticates, renews, restores, refreshes, lists and ends sessions.
pub struct Sessions {
    policy: Policy,
    /// `None`: DynamoDB alone.
    hot: Option<Hot>,
    cold: Cold,
}

impl Sessions {
    /// Sessions on these stores. Connections are made when they are needed.
    ///
    /// # Errors
    /// When the Redis client cannot use its URL.
    pub fn new(config: &crate::Config, dynamo: Dynamo) -> Result<Self, redis::RedisError> {
        let hot = config.redis.as_ref().map(Hot::new).transpose()?;
        Ok(Self { policy: config.policy.clone(), hot, cold: Cold { dynamo } })
    }

    /// Puts tombstones over the hot copies of sessions that have ended. An ending is reported only after this.
    async fn bury(&self, ids: &[SessionId]) -> Result<(), Error> {
        match &self.hot {
            Some(hot) => hot.bury(ids, self.policy.tombstone_life()).await.map_err(Error::Unfinished),
            None => Ok(()),
        }
    }

    /// Takes ended sessions out of the user's map. What stays counts towards the cap until it is the oldest or expires,
    /// so a failure is only logged.
    async fn tidy(&self, user_id: &str, ids: &[SessionId]) {
        if ids.is_empty() {
            return;
        }
        if let Err(error) = self.cold.dynamo.briefly(self.cold.tidy(user_id, ids)).await {
            tracing::warn!(%error, user_id, "ended sessions stay in the user's map for now");
        }
    }
}
