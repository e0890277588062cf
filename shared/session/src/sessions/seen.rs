use super::Sessions;
use crate::{Client, Error, Mark, SessionId};
use jiff::Timestamp;

/// The most pages that are read: people wait for their sign-in meanwhile.
const PAGES: usize = 4;

/// Whether a user has signed in before from the place that a session comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Has never signed in before, as far as the rows tell.
    Never,
    /// Has signed in, but from other places.
    Elsewhere,
    /// Has signed in from the same place or in the same browser.
    Here,
}

impl Sessions {
    /// Whether the user had another session than `but`, last used at `since` or later, that came from the same place,
    /// or from the browser of this mark under its epoch. Ended sessions count. If a user signs in very often, only the
    /// latest few hundred are read. The index may lag a moment behind. A sign-in waits for the answer but can do
    /// without it, so each page gets only a moment.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say, or takes too long.
    pub async fn seen(
        &self,
        user_id: &str,
        but: &SessionId,
        since: Timestamp,
        mark: Option<&Mark>,
        is_same: impl Fn(&Client) -> bool,
    ) -> Result<Seen, Error> {
        // A session that began earlier cannot have been used since.
        let began = since.checked_sub(self.policy.longest()).unwrap_or(Timestamp::MIN);
        let (mut seen, mut from) = (Seen::Never, None);
        for _ in 0..PAGES {
            let (rows, next) = self.cold.dynamo.briefly(self.cold.history(user_id, began, from)).await?;
            for row in rows.into_iter().filter(|row| row.session_id != *but && row.last_seen_at >= since) {
                let as_seen = row.browser.zip(row.epoch).map(|(browser, epoch)| Mark { browser, epoch });
                let is_known = mark.is_some() && as_seen.as_ref() == mark;
                if is_known || is_same(&Client { ip: row.ip, user_agent: row.user_agent, browser: None }) {
                    return Ok(Seen::Here);
                }
                seen = Seen::Elsewhere;
            }
            from = next;
            if from.is_none() {
                break;
            }
        }
        Ok(seen)
    }
}
