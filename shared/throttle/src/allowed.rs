use crate::{
    Error, Throttle, Try, Verdict,
    bucket::{Bucket, Buckets},
    counter::Counter,
    lease::Lease,
};
use futures_util::future::{join, join_all};
use jiff::Timestamp;
use std::collections::HashMap;

/// A try that its counters allowed when they were read. It is not counted yet.
pub struct Allowed<'a> {
    pub(crate) throttle: &'a Throttle,
    pub(crate) tried: Try<'a>,
    pub(crate) now: Timestamp,
    /// The counters that decide.
    pub(crate) buckets: Vec<Bucket>,
    /// All counters of the try that have a row, by key, unless there is only one counter: that is not read.
    pub(crate) seen: HashMap<String, Counter>,
}

/// A counted try whose outcome is still unknown.
pub(crate) struct Ticket {
    pub lease: Lease,
    pub buckets: Vec<Bucket>,
    /// Whether the account's own counter may have a row.
    pub has_account: bool,
}

impl Allowed<'_> {
    /// As [`Throttle::attempt`]. While the try is counted, `ahead` reads whose the account is, which `work` needs; and
    /// what it has read goes nowhere if the try turns out not to be allowed. After a success `rest` goes on with what
    /// `work` made, while that is noted.
    ///
    /// # Errors
    /// As [`Throttle::attempt`].
    pub async fn attempt<A, M, T, E, W, R>(
        self,
        ahead: impl Future<Output = A>,
        work: impl FnOnce(A) -> W,
        rest: impl FnOnce(M) -> R,
    ) -> Result<T, E>
    where
        E: Verdict + From<Error>,
        W: Future<Output = Result<M, E>>,
        R: Future<Output = T>,
    {
        let Self { throttle, tried, now, .. } = self;
        // Waits for both: a read that is given up costs the next request its connection.
        // All is boxed: calls of the store are large, and would together lie in this future.
        let (ticket, ahead) = join(Box::pin(self.take()), ahead).await;
        let ticket = ticket?;
        let success = tried.purpose.success();
        match Box::pin(work(ahead)).await {
            Ok(made) => {
                let noting = Box::pin(throttle.note(success, &tried, &ticket, now));
                let (noted, done) = join(noting, Box::pin(rest(made))).await;
                noted?;
                Ok(done)
            }
            Err(error) => {
                Box::pin(throttle.note_failure(success, error.is_refusal(), &ticket)).await?;
                Err(error)
            }
        }
    }

    /// Counts the try, in all counters or in none.
    pub(crate) async fn take(&self) -> Result<Ticket, Error> {
        let Self { throttle, tried, now, buckets, seen } = self;
        let has_account = Buckets::of(tried)
            .account
            .is_some_and(|account| buckets.contains(&account) || seen.contains_key(&account.key));
        let ticket = Ticket { lease: Lease::new(*now)?, buckets: buckets.clone(), has_account };
        let taken = buckets.iter().map(|bucket| throttle.rows.take(bucket, seen.get(&bucket.key), &ticket.lease));
        // Waits for all of them, so that none is under way when they are given back.
        let waits = join_all(taken).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        let Some(overtaken) = waits.iter().flatten().max() else { return Ok(ticket) };
        // Where it has to wait, it was not counted.
        let counted = buckets.iter().zip(&waits).filter(|(_, wait)| wait.is_none()).map(|(bucket, _)| bucket.clone());
        throttle.give_back(&Ticket { buckets: counted.collect(), ..ticket }).await;
        Err(Error::TooMany(*overtaken))
    }
}
