use super::Sessions;
use crate::Error;

impl Sessions {
    /// Deletes, one by one, every row of a user who is disabled and whose sessions have ended; `deleted` is called for
    /// each. Ended sessions stay ended: without a row there is no session, and no copy of it is live.
    ///
    /// # Errors
    /// [`Error::Store`]: some rows may be gone, and a repeat deletes the rest.
    pub async fn erase(&self, user_id: &str, mut deleted: impl FnMut()) -> Result<(), Error> {
        for id in self.cold.ids_of(user_id).await? {
            self.cold.delete(&id).await?;
            deleted();
        }
        Ok(())
    }
}
