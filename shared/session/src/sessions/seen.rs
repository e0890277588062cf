use super::Sessions;
use crate::{Client, Error, Mark, SessionId, record::SignIn};
use jiff::Timestamp;

/// The sizes of the pages that are read at most: people wait for their sign-in meanwhile. A user who signs in again is
/// usually found on the first page, which costs no more than any other read.
const PAGES: [i32; 4] = [10, 100, 100, 100];

/// Whether a user has signed in before from the place that a session comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Has not signed in for a long time, or never, as far as the rows tell.
    Never,
    /// Has signed in lately, but from other places.
    Elsewhere,
    /// Has signed in from the same place or in the same browser, or has used a session from there lately.
    Here,
}

/// The latest sessions of a user, ended ones included, and where the next page starts.
pub struct Earlier {
    user_id: String,
    since: Timestamp,
    rows: Vec<SignIn>,
    next: Option<dynamo::Row>,
}

impl Sessions {
    /// The user's latest sessions that can have been used at `since` or later, for [`seen`](Self::seen). The index may
    /// lag a moment behind. A sign-in waits for the answer but can do without it, so it gets only a moment.
    ///
    /// # Errors
    /// [`Error::Store`] when DynamoDB cannot say, or takes too long.
    pub async fn earlier(&self, user_id: &str, since: Timestamp) -> Result<Earlier, Error> {
        let unread = Earlier { user_id: user_id.to_owned(), since, rows: Vec::new(), next: None };
        self.page(unread, PAGES[0]).await
    }

    /// Whether the user had another session than `but` that came from the same place, or from the browser of this mark
    /// under its epoch. Ended sessions count. One that began before `since` counts if it was used since: the index does
    /// not say that, so its row is read. If a user signs in very often, only the latest few hundred are looked at. Each
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
        let (mut seen, mut old, mut further) = (Seen::Never, Vec::new(), PAGES[1..].iter());
        loop {
            let since = earlier.since;
            for row in earlier.rows.drain(..).filter(|row| row.session_id != *but) {
                let as_seen = row.browser.zip(row.epoch).map(|(browser, epoch)| Mark { browser, epoch });
                let is_known = mark.is_some() && as_seen.as_ref() == mark;
                let is_here = is_known || is_same(&Client { ip: row.ip, user_agent: row.user_agent, browser: None });
                match (row.created_at >= since, is_here) {
                    (true, true) => return Ok(Seen::Here),
                    (true, false) => seen = Seen::Elsewhere,
                    (false, true) => old.push(row.session_id),
                    (false, false) => {}
                }
            }
            earlier = match further.next() {
                Some(size) if earlier.next.is_some() => self.page(earlier, *size).await?,
                _ if self.one_was_used(&old, since).await? => return Ok(Seen::Here),
                _ => return Ok(seen),
            };
        }
    }

    /// Whether one of these sessions, the latest first, was used at `since` or later. Each row is read by itself: every
    /// function that begins sessions may do that.
    async fn one_was_used(&self, ids: &[SessionId], since: Timestamp) -> Result<bool, Error> {
        if ids.is_empty() {
            return Ok(false);
        }
        let reading = async {
            for id in ids {
                let row = self.cold.row_of_any_kind(id).await?;
                if row.is_some_and(|row| row.last_seen_at >= since) {
                    return Ok::<_, dynamo::Error>(true);
                }
            }
            Ok(false)
        };
        Ok(self.cold.dynamo.briefly(reading).await?)
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
