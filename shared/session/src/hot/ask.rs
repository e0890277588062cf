use super::{Hot, Link};
use backon::{ExponentialBuilder, Retryable};
use redis::{Cmd, FromRedisValue, Pipeline, RedisError, RedisResult, RetryMethod, aio::ConnectionLike};
use std::{io, sync::PoisonError, time::Duration};

/// The time that a command may take, with its repeats and new connections.
const BUDGET: Duration = Duration::from_millis(600);

/// What is sent to Redis.
pub(super) enum Ask {
    Command(Cmd),
    Pipeline(Pipeline),
}

/// Whether a command is tried even though Redis has just kept another one waiting.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Insist {
    /// It is tried: an ending is not reported before Redis has the tombstone.
    Yes,
    /// It is not tried: the row says the same.
    No,
}

impl Ask {
    async fn through<T: FromRedisValue>(&self, mut link: impl ConnectionLike) -> RedisResult<T> {
        match self {
            Self::Command(command) => command.query_async(&mut link).await,
            Self::Pipeline(pipeline) => pipeline.query_async(&mut link).await,
        }
    }
}

impl Hot {
    /// Asks until Redis answers or the time is over.
    pub(super) async fn ask<T: FromRedisValue>(&self, ask: &Ask, insist: Insist) -> RedisResult<T> {
        if !self.breaker.admits() && insist == Insist::No {
            return Err(late("Redis kept a request waiting, and is asked again in a few seconds"));
        }
        let tries = (async || self.try_once(ask).await)
            .retry(ExponentialBuilder::default().with_min_delay(Duration::from_millis(5)).without_max_times())
            .when(is_worth_a_repeat)
            .notify(|error, _| {
                tracing::debug!(error = error as &dyn std::error::Error, "asking Redis again on a new connection");
            });
        let answer = tokio::time::timeout(BUDGET, tries).await.unwrap_or_else(|_| {
            self.replace(None);
            Err(late("Redis did not answer in time"))
        });
        match &answer {
            Err(error) if is_worth_a_repeat(error) => self.breaker.open(),
            // This is an answer, even if it is a refusal: the next command will not have to wait.
            Ok(_) | Err(_) => self.breaker.close(),
        }
        answer
    }

    /// Asks on the current connection, or on a new one. A connection that failed is not used again.
    async fn try_once<T: FromRedisValue>(&self, ask: &Ask) -> RedisResult<T> {
        let current = self.link.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let link = match current {
            Some(link) => link,
            None => {
                let link = self.source.connect().await?;
                self.replace(Some(link.clone()));
                link
            }
        };
        let answer = ask.through(link).await;
        if answer.is_err() {
            self.replace(None);
        }
        answer
    }

    pub(super) fn replace(&self, link: Option<Link>) {
        *self.link.lock().unwrap_or_else(PoisonError::into_inner) = link;
    }
}

/// Whether Redis may answer on another connection, or on the same one a moment later.
fn is_worth_a_repeat(error: &RedisError) -> bool {
    !matches!(error.retry_method(), RetryMethod::NoRetry)
}

pub(super) fn late(what: &'static str) -> RedisError {
    io::Error::new(io::ErrorKind::TimedOut, what).into()
}
