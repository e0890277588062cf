use super::Sessions;
use crate::{Client, Error, Mark, SessionId};
use jiff::Timestamp;

/// How far back is looked at most: people wait for their sign-in meanwhile.
const PAGES: usize = 4;

/// Whether a user has signed in before from where a session comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never signed in before, as far as is known.
    Never,
    /// Has, but from other places.
    Elsewhere,
    /// Has, from the same place or in the same browser.
    Here,
}

impl Sessions {
    /// Whether the user had another session than `but`, last used at `since` or later, that came from the same place,
    /// or from the browser of this mark under its epoch. Ended sessions count; of somebody who signs in all the time
    /// only the latest few hundred. By an index that may lag a moment behind. A sign-in waits for the answer, and can
    /// do without it: each page has a moment only.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say, or takes its time.
    pub async fn seen(
        &self,
        user_id: &str,
        but: &SessionId,
        since: Timestamp,
        mark: Option<&Mark>,
        is_same: impl Fn(&Client) -> bool,
    ) -> Result<Seen, Error> {
        // What began earlier cannot have been used since.
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
