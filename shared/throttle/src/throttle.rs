use crate::{
    Allowed, Error, Try, Verdict,
    allowed::Ticket,
    bucket::{Bucket, Buckets},
    counter::Counter,
    limits::Success,
    rows::Rows,
};
use dynamo::Dynamo;
use futures_util::future::{join, join_all, try_join_all};
use jiff::Timestamp;
use std::{collections::HashMap, future::ready, time::Duration};

/// Counts tries.
#[derive(Clone)]
pub struct Throttle {
    pub(crate) rows: Rows,
}

impl Throttle {
    /// The counters in this store.
    pub fn new(dynamo: Dynamo) -> Self {
        Self { rows: Rows(dynamo) }
    }

    /// If the try is allowed, does `work`, which checks the credential. The try is counted before `work` begins, and
    /// its outcome before that is reported:
    /// - `Ok`, a success: the try is taken back. After [`Purpose::SignIn`](crate::Purpose::SignIn) the pair starts anew
    ///   and is trusted for 30 days, and the account's own counter is deleted. The address gets back only this one try:
    ///   otherwise a person with an account could buy guesses at other accounts with it. If each try is a mail or is
    ///   work, it stays counted.
    /// - `Err` that is a refusal ([`Verdict`]): it stays counted.
    /// - `Err` that says nothing about the credential, because the stores failed: the try is taken back. If that fails,
    ///   the returned future is dropped, or the process dies, the try counts for 15 seconds and then no longer. If only
    ///   work is bounded, the try always counts: the work was done.
    ///
    /// It costs one read, unless there is only one counter, and, side by side, one write per counter before `work` and
    /// one write per counter after it. After a success the pair and the account are one write.
    ///
    /// # Errors
    /// The errors of `work`; [`Error::TooMany`] when there were too many tries before, with the longest wait of its
    /// counters; any other [`Error`] when that is unknown, or when the outcome cannot be counted: then it is not
    /// reported.
    pub async fn attempt<T, E: Verdict + From<Error>>(
        &self,
        tried: &Try<'_>,
        now: Timestamp,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.attempt_then(tried, now, work, ready).await
    }

    /// As [`attempt`](Self::attempt). After a success `rest` goes on with what `work` made, while that is noted.
    ///
    /// # Errors
    /// As [`attempt`](Self::attempt).
    pub async fn attempt_then<M, T, E, R>(
        &self,
        tried: &Try<'_>,
        now: Timestamp,
        work: impl Future<Output = Result<M, E>>,
        rest: impl FnOnce(M) -> R,
    ) -> Result<T, E>
    where
        E: Verdict + From<Error>,
        R: Future<Output = T>,
    {
        self.allow(tried, now).await?.attempt(ready(()), |()| work, rest).await
    }

    /// Reads the counters of a try, and counts nothing yet: [`attempt`](Self::attempt) in two parts, for a caller that
    /// has other things to read while the try is counted.
    ///
    /// # Errors
    /// [`Error::TooMany`] when there were too many tries before; any other [`Error`] when that is unknown.
    pub async fn allow<'a>(&'a self, tried: &Try<'a>, now: Timestamp) -> Result<Allowed<'a>, Error> {
        let buckets = Buckets::of(tried);
        let seen = match buckets.all().count() {
            // The write that counts the try tells what was there before.
            1 => HashMap::new(),
            _ => self.rows.read(buckets.all()).await?,
        };
        let is_trusted =
            buckets.pair.as_ref().and_then(|pair| seen.get(&pair.key)).is_some_and(|pair| pair.is_trusted(now));
        let buckets = buckets.deciding(is_trusted);
        match longest_wait(&buckets, &seen, now) {
            Duration::ZERO => Ok(Allowed { throttle: self, tried: *tried, now, buckets, seen }),
            wait => Err(Error::TooMany(wait)),
        }
    }

    /// Counts a refusal that is already known: an invalid token, whose holder must not delay people who have a valid
    /// one.
    ///
    /// # Errors
    /// As [`attempt`](Self::attempt).
    pub async fn count(&self, tried: &Try<'_>, now: Timestamp) -> Result<(), Error> {
        let ticket = self.allow(tried, now).await?.take().await?;
        self.settle(&ticket).await
    }

    /// Notes that the account's owner is at this address, whatever strangers have tried: the pair starts anew and is
    /// trusted for 30 days, and the account's own counter is deleted. A failure is only logged: the person is signed
    /// in, but has the stricter limit.
    pub async fn trust(&self, tried: &Try<'_>, now: Timestamp) {
        self.briefly(self.mark(tried, true, now)).await;
    }

    /// One write for the counters that only the owner's success resets.
    async fn mark(&self, tried: &Try<'_>, has_account: bool, now: Timestamp) {
        let Buckets { pair, account, .. } = Buckets::of(tried);
        let pair = pair.map(|pair| Counter::trusted(&pair.key, now));
        let account = account.filter(|_| has_account).map(|account| account.key);
        skippable(self.rows.reset(pair, account)).await;
    }

    pub(crate) async fn note(
        &self,
        success: Success,
        tried: &Try<'_>,
        ticket: &Ticket,
        now: Timestamp,
    ) -> Result<(), Error> {
        match success {
            Success::Trusted => self.briefly(self.welcome(tried, ticket, now)).await,
            Success::Free => self.briefly(self.give_back(ticket)).await,
            Success::Counted => self.settle(ticket).await?,
        }
        Ok(())
    }

    pub(crate) async fn note_failure(&self, success: Success, is_refusal: bool, ticket: &Ticket) -> Result<(), Error> {
        match success {
            _ if is_refusal => self.settle(ticket).await?,
            // The work was done.
            Success::Free => {}
            Success::Trusted | Success::Counted => self.briefly(self.give_back(ticket)).await,
        }
        Ok(())
    }

    /// The counters of the account are emptied, so there is nothing to take back from them.
    async fn welcome(&self, tried: &Try<'_>, ticket: &Ticket, now: Timestamp) {
        let network: Vec<_> = Buckets::of(tried).network().cloned().collect();
        let shared = ticket.buckets.iter().filter(|bucket| network.contains(bucket)).cloned().collect();
        let shared = Ticket { lease: ticket.lease.clone(), buckets: shared, has_account: false };
        join(self.mark(tried, ticket.has_account, now), self.give_back(&shared)).await;
    }

    async fn settle(&self, Ticket { lease, buckets, .. }: &Ticket) -> Result<(), Error> {
        try_join_all(buckets.iter().map(|bucket| self.rows.settle(bucket, lease))).await?;
        if lease.has_lapsed() { Err(Error::Lapsed) } else { Ok(()) }
    }

    /// Does work that may be skipped: if the store hangs, no request waits for it.
    async fn briefly(&self, work: impl Future<Output = ()>) {
        let work = async {
            work.await;
            Ok::<_, dynamo::Error>(())
        };
        if let Err(error) = self.rows.0.briefly(work).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a try may weigh more than it should");
        }
    }

    /// A failure is logged: the try counts until its lease ends.
    pub(crate) async fn give_back(&self, Ticket { lease, buckets, .. }: &Ticket) {
        join_all(buckets.iter().map(|bucket| skippable(self.rows.give_back(bucket, lease)))).await;
    }
}

fn longest_wait(buckets: &[Bucket], seen: &HashMap<String, Counter>, now: Timestamp) -> Duration {
    let waits = buckets.iter().filter_map(|bucket| Some(seen.get(&bucket.key)?.wait(bucket.limit, now)));
    waits.max().unwrap_or_default()
}

async fn skippable(write: impl Future<Output = Result<(), dynamo::Error>>) {
    if let Err(error) = write.await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a try weighs more than it should");
    }
}
