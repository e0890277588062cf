//! What no request does: mails, and what dead requests have left unfinished.

use crate::{
    Clock, Lease, Stop,
    follower::{FOLLOWED, Followed, Follower, Progress},
    pace::Pace,
};
use aws_config::SdkConfig;
use dynamo::Dynamo;
use environment::{Environment, web_url};
use futures_util::{
    FutureExt,
    future::{join, join_all},
};
use mailer::Mailer;
use revocations::Revocations;
use serde::Serialize;
use std::{error::Error, panic::AssertUnwindSafe, time::Instant};
use tracing::Instrument;
use uuid::Uuid;

/// As many records as one batch can have: there are more to be read at once.
const FULL: usize = 100;

/// The work of the functions without a route. One instance at a time does it.
pub struct Background {
    lease: Lease,
    mailer: Mailer,
    revocations: Revocations,
    dynamo: Dynamo,
    streams: SdkConfig,
    pace: Pace,
    clock: Clock,
}

/// What one call did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Another instance was at work, so that this one did nothing.
    pub busy: bool,
    /// Mails; none if the outbox could not be read.
    pub mails: mailer::Report,
    /// Records of the streams that were taken.
    pub records: usize,
}

impl Background {
    /// With the settings that it reads; `None` when one has a fault, which stays in `environment`.
    pub fn wire(environment: &mut Environment, aws: &SdkConfig, pace: Pace, clock: Clock) -> Option<Self> {
        let dynamo = Dynamo::from_environment(environment, aws);
        let endpoint = environment.optional("AWS_ENDPOINT_URL_DYNAMODB", web_url);
        let streams = environment.optional("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", web_url).or(endpoint);
        let streams = pace.streams(aws, streams.map(|url| url.to_string()));
        let (mailer, revocations) = (Mailer::wire(environment, aws), Revocations::wire(environment, aws));
        let lease = Lease::new(dynamo.clone(), pace.life);
        Some(Self { lease, mailer: mailer?, revocations: revocations?, dynamo, streams, pace, clock })
    }

    /// Works whenever no other instance does, until it is asked to end.
    pub async fn run(&self, stop: &Stop) {
        while !stop.is_asked() {
            let taken = self.lease.take((self.clock)()).await;
            match taken {
                Ok(Some(places)) => self.hold(&Progress::new(places), stop).await,
                Ok(None) => {}
                Err(error) => warn(&error, "the lease cannot be taken"),
            }
            stop.pause(self.pace.retry).await;
        }
    }

    /// Works as long as it holds the lease.
    async fn hold(&self, progress: &Progress, stop: &Stop) {
        tracing::info!("this instance does the background work");
        let follow = join_all(FOLLOWED.map(|table| self.follow(table, progress, stop)));
        let worked = tokio::select! {
            _ = join(self.mails(stop), follow) => true,
            () = self.keep(progress) => false,
        };
        if worked {
            self.give_back(progress).await;
        } else {
            tracing::warn!("another instance does the background work now");
        }
    }

    /// Renews the lease. Returns when it is lost, or has ended because the store could not be asked.
    async fn keep(&self, progress: &Progress) {
        let mut renewed = (self.clock)();
        loop {
            tokio::time::sleep(self.pace.retry).await;
            let now = (self.clock)();
            match self.lease.renew(&progress.places(), now).await {
                Ok(true) => renewed = now,
                Ok(false) => return,
                Err(error) => warn(&error, "the lease cannot be renewed"),
            }
            if (self.clock)().duration_since(renewed) >= self.lease.life() {
                return;
            }
        }
    }

    async fn give_back(&self, progress: &Progress) {
        if let Err(error) = self.lease.give_back(&progress.places(), (self.clock)()).await {
            warn(&error, "the lease cannot be given back");
        }
    }

    /// Sends what is due, again and again.
    async fn mails(&self, stop: &Stop) {
        while !stop.is_asked() {
            guarded("mailer", async {
                self.mailer.deliver(self.clock).await.map_err(|error| warn(&error, "mails wait"))
            })
            .await;
            stop.pause(self.pace.pause).await;
        }
    }

    /// Follows a table, again and again. If that fails or panics, it begins again where it was.
    async fn follow(&self, table: Followed, progress: &Progress, stop: &Stop) {
        while !stop.is_asked() {
            let passes = async {
                let mut follower = self.follower(table, progress).await?;
                while !stop.is_asked() {
                    let taken = follower.pass((self.clock)(), self.pace.again).await?;
                    if taken < FULL {
                        stop.pause(self.pace.pause).await;
                    }
                }
                Ok::<_, streams::Error>(())
            };
            guarded("revocations", async { passes.await.map_err(|error| warn(&error, "a stream waits")) }).await;
            stop.pause(self.pace.retry).await;
        }
    }

    async fn follower<'a>(&'a self, table: Followed, progress: &'a Progress) -> Result<Follower<'a>, streams::Error> {
        Follower::start(table, &self.dynamo.table(table.name), &self.streams, &self.revocations, progress).await
    }

    /// Does once what there is to do, unless another instance is at work: for a scheduler.
    ///
    /// # Errors
    /// When the lease cannot be taken. Nothing is done then.
    pub async fn once(&self) -> Result<Report, dynamo::Error> {
        let busy = Report { busy: true, ..Report::default() };
        let Some(places) = self.lease.take((self.clock)()).await? else { return Ok(busy) };
        let progress = Progress::new(places);
        let drained = join_all(FOLLOWED.map(|table| self.drain(table, &progress)));
        let mails = guarded("mailer", async {
            self.mailer.deliver(self.clock).await.inspect_err(|error| warn(error, "mails wait"))
        });
        let report = tokio::select! {
            (mails, records) = join(mails, drained) => {
                let mails = mails.and_then(Result::ok).unwrap_or_default();
                Report { busy: false, mails, records: records.into_iter().sum() }
            }
            () = self.keep(&progress) => busy,
        };
        self.give_back(&progress).await;
        Ok(report)
    }

    /// Follows a table until nothing has come for a moment. Returns how many records were taken.
    async fn drain(&self, table: Followed, progress: &Progress) -> usize {
        let (begun, mut last, mut records) = (Instant::now(), Instant::now(), 0);
        let passes = async {
            let mut follower = self.follower(table, progress).await?;
            while last.elapsed() < self.pace.quiet && begun.elapsed() < self.pace.longest {
                let taken = follower.pass((self.clock)(), self.pace.again).await?;
                if taken > 0 {
                    (last, records) = (Instant::now(), records + taken);
                }
                tokio::time::sleep(self.pace.pause / 4).await;
            }
            Ok::<_, streams::Error>(())
        };
        guarded("revocations", async { passes.await.map_err(|error| warn(&error, "a stream waits")) }).await;
        records
    }
}

/// Work whose lines name its function. A panic ends this piece of work and nothing else: `None`.
async fn guarded<T>(function: &'static str, work: impl Future<Output = T>) -> Option<T> {
    let request_id = Uuid::now_v7().to_string();
    let span = tracing::info_span!(target: "invocation", "function", function, request_id);
    AssertUnwindSafe(work.instrument(span)).catch_unwind().await.ok()
}

fn warn(error: &(dyn Error + 'static), what: &'static str) {
    tracing::warn!(error, "{what}");
}
