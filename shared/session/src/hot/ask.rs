use super::{Hot, Link};
use backon::{ExponentialBuilder, Retryable};
use redis::{Cmd, FromRedisValue, Pipeline, RedisError, RedisResult, RetryMethod, aio::ConnectionLike};
use std::{io, sync::PoisonError, time::Duration};

/// What a command may take, its repeats and new connections included.
const BUDGET: Duration = Duration::from_millis(600);

/// What is asked of Redis.
pub(super) enum Ask {
    Command(Cmd),
    Pipeline(Pipeline),
}

/// Whether a command is tried though Redis has just kept another waiting.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Insist {
    /// It is: an ending is not reported before Redis has the tombstone.
    Yes,
    /// It is not: the row says the same.
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
    /// Asks until there is an answer or the time is over.
    pub(super) async fn ask<T: FromRedisValue>(&self, ask: &Ask, insist: Insist) -> RedisResult<T> {
        if !self.breaker.admits() && insist == Insist::No {
            return Err(late("Redis kept a request waiting, and is asked again in a few seconds"));
        }
        let tries = (async || self.try_once(ask).await)
            .retry(ExponentialBuilder::default().with_min_delay(Duration::from_millis(5)).without_max_times())
            .when(is_worth_a_repeat)
            .notify(|error, _| {
                tracing::debug!(error = error as &dyn std::error::Error, "asking Redis again on a new connection")
            });
        let answer = tokio::time::timeout(BUDGET, tries).await.unwrap_or_else(|_| {
            self.replace(None);
            Err(late("Redis did not answer in time"))
        });
        match &answer {
            Err(error) if is_worth_a_repeat(error) => self.breaker.open(),
            // An answer, even if it is a refusal: the next one will not have to be waited for.
            Ok(_) | Err(_) => self.breaker.close(),
        }
        answer
    }

    /// Asks on the connection that there is, or on a new one. One that failed is not used again.
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

    fn replace(&self, link: Option<Link>) {
        *self.link.lock().unwrap_or_else(PoisonError::into_inner) = link;
    }
}

/// Whether another connection, or the same a moment later, may have an answer.
fn is_worth_a_repeat(error: &RedisError) -> bool {
    !matches!(error.retry_method(), RetryMethod::NoRetry)
}

fn late(what: &'static str) -> RedisError {
    io::Error::new(io::ErrorKind::TimedOut, what).into()
}
