use crate::{
    Error, Try, Verdict,
    bucket::{Bucket, Buckets},
    counter::Counter,
    lease::Lease,
    limits::Success,
    rows::Rows,
};
use dynamo::Dynamo;
use futures_util::future::{join, join_all, try_join_all};
use jiff::Timestamp;
use std::{collections::HashMap, time::Duration};

/// Counts tries.
#[derive(Clone)]
pub struct Throttle {
    rows: Rows,
}

/// A try that is counted, and whose outcome is not yet.
struct Ticket {
    lease: Lease,
    buckets: Vec<Bucket>,
}

impl Throttle {
    /// The counters in this store.
    pub fn new(dynamo: Dynamo) -> Self {
        Self { rows: Rows(dynamo) }
    }

    /// Does `work`, which looks at what is tried, if the try may be made. It is counted before `work` begins, and its outcome
    /// before that is told:
    /// - `Ok`, a success: the try is taken back. After [`Purpose::SignIn`](crate::Purpose::SignIn) the pair starts anew and
    ///   is trusted for 30 days, and the account's own counter is gone. The address gets back this one try and no more, or
    ///   somebody with an account would buy guesses at others with it. Where each try is a mail or is work, it stays counted.
    /// - `Err` that is a refusal ([`Verdict`]): it stays counted.
    /// - `Err` that says nothing of what was tried, because the stores failed: the try is taken back. If that fails, as when
    ///   the returned future is dropped, or the process dies, the try weighs for 15 seconds and then nothing. Where only work
    ///   is bounded, it always does: the work was done.
    ///
    /// One read and, side by side, one write for each counter before, and again one write for each counter after.
    ///
    /// # Errors
    /// What `work` ends with; [`Error::TooMany`] when there were too many tries before it, with the longest wait of its
    /// counters; any other [`Error`] when that cannot be told, or when the outcome cannot be counted: then it stays untold.
    pub async fn attempt<T, E: Verdict + From<Error>>(
        &self,
        tried: &Try<'_>,
        now: Timestamp,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let ticket = self.take(tried, now).await?;
        let result = work.await;
        match (&result, tried.purpose.success()) {
            (Ok(_), Success::Trusted) => self.briefly(self.welcome(tried, &ticket, now)).await,
            (Ok(_), Success::Free) => self.briefly(self.give_back(&ticket)).await,
            (Ok(_), Success::Counted) => self.settle(&ticket).await?,
            (Err(error), _) if error.is_refusal() => self.settle(&ticket).await?,
            (Err(_), Success::Free) => {}
            (Err(_), _) => self.briefly(self.give_back(&ticket)).await,
        }
        result
    }

    /// Counts what was refused already: a token that is good for nothing, whose holder should not keep those waiting who have
    /// a good one.
    ///
    /// # Errors
    /// As [`attempt`](Self::attempt).
    pub async fn count(&self, tried: &Try<'_>, now: Timestamp) -> Result<(), Error> {
        let ticket = self.take(tried, now).await?;
        self.settle(&ticket).await
    }

    /// Notes that the account's owner is at this address, however often strangers have tried: the pair starts anew and is
    /// trusted for 30 days, the account's own counter is gone. A failure is logged: the person is in, and pays with a
    /// stricter limit.
    pub async fn trust(&self, tried: &Try<'_>, now: Timestamp) {
        self.briefly(self.mark(tried, now)).await;
    }

    async fn mark(&self, tried: &Try<'_>, now: Timestamp) {
        let Buckets { pair, account, .. } = Buckets::of(tried);
        let pair = join_all(pair.iter().map(|pair| skippable(self.rows.put(Counter::trusted(&pair.key, now)))));
        let account = join_all(account.iter().map(|account| skippable(self.rows.delete(&account.key))));
        join(pair, account).await;
    }

    async fn take(&self, tried: &Try<'_>, now: Timestamp) -> Result<Ticket, Error> {
        let buckets = Buckets::of(tried);
        let seen = self.rows.read(buckets.all()).await?;
        let is_trusted =
            buckets.pair.as_ref().and_then(|pair| seen.get(&pair.key)).is_some_and(|pair| pair.is_trusted(now));
        let ticket = Ticket { lease: Lease::new(now)?, buckets: buckets.deciding(is_trusted) };
        match longest_wait(&ticket.buckets, &seen, now) {
            Duration::ZERO => {}
            wait => return Err(Error::TooMany(wait)),
        }
        let taken = ticket.buckets.iter().map(|bucket| self.rows.take(bucket, seen.get(&bucket.key), &ticket.lease));
        // All of them, so that none is under way when they are given back.
        let waits = join_all(taken).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        match waits.into_iter().flatten().max() {
            None => Ok(ticket),
            Some(overtaken) => {
                self.give_back(&ticket).await;
                Err(Error::TooMany(overtaken))
            }
        }
    }

    /// The counters of the account are emptied, so that there is nothing to take back from them.
    async fn welcome(&self, tried: &Try<'_>, ticket: &Ticket, now: Timestamp) {
        let network: Vec<_> = Buckets::of(tried).network().cloned().collect();
        let shared = ticket.buckets.iter().filter(|bucket| network.contains(bucket)).cloned().collect();
        let shared = Ticket { lease: ticket.lease.clone(), buckets: shared };
        join(self.mark(tried, now), self.give_back(&shared)).await;
    }

    async fn settle(&self, Ticket { lease, buckets }: &Ticket) -> Result<(), Error> {
        try_join_all(buckets.iter().map(|bucket| self.rows.settle(bucket, lease))).await?;
        if lease.has_lapsed() { Err(Error::Lapsed) } else { Ok(()) }
    }

    /// Does what can be left undone: a store that hangs keeps nobody waiting for it.
    async fn briefly(&self, work: impl Future<Output = ()>) {
        let work = async {
            work.await;
            Ok::<_, dynamo::Error>(())
        };
        if let Err(error) = self.rows.0.briefly(work).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a try may weigh more than it should");
        }
    }

    /// A failure is logged: the try weighs until its lease ends.
    async fn give_back(&self, Ticket { lease, buckets }: &Ticket) {
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
