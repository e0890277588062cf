use super::Sessions;
use crate::{Client, Error, Mark, SessionId, record::Row};
use jiff::Timestamp;

/// The sizes of the pages that are read at most: people wait for their sign-in meanwhile. A user who signs in again is
/// usually found on the first page, which costs no more than any other read.
const PAGES: [i32; 4] = [10, 100, 100, 100];

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

/// The latest sessions of a user, ended ones included, and where the next page starts.
pub struct Earlier {
    user_id: String,
    since: Timestamp,
    rows: Vec<Row>,
    next: Option<dynamo::Row>,
}

impl Sessions {
    /// The user's latest sessions that were last used at `since` or later, for [`seen`](Self::seen). The index may lag a
    /// moment behind. A sign-in waits for the answer but can do without it, so it gets only a moment.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say, or takes too long.
    pub async fn earlier(&self, user_id: &str, since: Timestamp) -> Result<Earlier, Error> {
        let unread = Earlier { user_id: user_id.to_owned(), since, rows: Vec::new(), next: None };
        self.page(unread, PAGES[0]).await
    }

    /// Whether the user had another session than `but` that came from the same place, or from the browser of this mark
    /// under its epoch. Ended sessions count. If a user signs in very often, only the latest few hundred are read. Each
    /// further page gets only a moment too.
    ///
    /// # Errors
    /// As [`earlier`](Self::earlier).
    pub async fn seen(
        &self,
        mut earlier: Earlier,
        but: &SessionId,
        mark: Option<&Mark>,
        is_same: impl Fn(&Client) -> bool,
    ) -> Result<Seen, Error> {
        let (mut seen, mut further) = (Seen::Never, PAGES[1..].iter());
        loop {
            let since = earlier.since;
            for row in earlier.rows.drain(..).filter(|row| row.session_id != *but && row.last_seen_at >= since) {
                let as_seen = row.browser.zip(row.epoch).map(|(browser, epoch)| Mark { browser, epoch });
                let is_known = mark.is_some() && as_seen.as_ref() == mark;
                if is_known || is_same(&Client { ip: row.ip, user_agent: row.user_agent, browser: None }) {
                    return Ok(Seen::Here);
                }
                seen = Seen::Elsewhere;
            }
            earlier = match further.next() {
                Some(size) if earlier.next.is_some() => self.page(earlier, *size).await?,
                _ => return Ok(seen),
            };
        }
    }

    async fn page(&self, before: Earlier, size: i32) -> Result<Earlier, Error> {
        let Earlier { user_id, since, next, .. } = before;
        // A session that began before this cannot have been used since.
        let began = since.checked_sub(self.policy.longest()).unwrap_or(Timestamp::MIN);
        let page = self.cold.history(&user_id, began, next, size);
        let (rows, next) = self.cold.dynamo.briefly(page).await?;
        Ok(Earlier { user_id, since, rows, next })
    }
}
