use crate::{Dynamo, Error};
use std::time::Duration;

/// The time for a call whose failure the caller ignores: many times what DynamoDB needs for it.
const BRIEF: Duration = Duration::from_millis(500);

impl Dynamo {
    /// Makes calls whose failure the caller ignores: a request should wait for them only a moment. After calls that
    /// took too long, the next such calls are not made at all for a few seconds. Calls that decide a request do not
    /// belong here: they are always made, and have the whole time of an operation.
    ///
    /// A write that was given up may still be carried out, so callers must not rely on either outcome.
    ///
    /// # Errors
    /// The errors of `calls`; [`Error::Skipped`] when they took too long, or were not made.
    pub async fn briefly<T, E: From<Error>>(&self, calls: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        if !self.skipping.admits() {
            return Err(Error::Skipped.into());
        }
        match tokio::time::timeout(BRIEF, calls).await {
            Ok(answer) => {
                self.skipping.close();
                answer
            }
            Err(_) => {
                self.skipping.open();
                Err(Error::Skipped.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use aws_config::SdkConfig;
    use tokio::time::{Instant, advance, sleep};

    fn dynamo() -> Dynamo {
        let shared = SdkConfig::builder().behavior_version(aws_config::BehaviorVersion::latest()).build();
        Dynamo::with(&Settings { table_prefix: String::new(), endpoint: None }, &shared)
    }

    async fn answer_after(wait: Duration) -> Result<&'static str, Error> {
        sleep(wait).await;
        Ok("done")
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_can_be_skipped_is_waited_for_a_moment_and_then_not_at_all() {
        let (dynamo, begun) = (dynamo(), Instant::now());
        assert_eq!(dynamo.briefly(answer_after(BRIEF / 2)).await.unwrap(), "done");
        let another_handle = dynamo.clone();
        let begun = begun + begun.elapsed();
        assert!(matches!(dynamo.briefly(answer_after(2 * BRIEF)).await, Err(Error::Skipped)));
        assert_eq!(begun.elapsed(), BRIEF);
        let made = async { panic!("a call was made") };
        assert!(matches!(another_handle.briefly::<(), Error>(made).await, Err(Error::Skipped)));
        assert_eq!(begun.elapsed(), BRIEF);
        advance(Duration::from_secs(5)).await;
        assert_eq!(another_handle.briefly(answer_after(Duration::ZERO)).await.unwrap(), "done");
        assert_eq!(dynamo.briefly(answer_after(Duration::ZERO)).await.unwrap(), "done");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_that_comes_at_once_keeps_no_later_call_back() {
        let dynamo = dynamo();
        let failed = async { Err::<(), _>(Error::Condition) };
        assert!(matches!(dynamo.briefly(failed).await, Err(Error::Condition)));
        assert_eq!(dynamo.briefly(answer_after(Duration::ZERO)).await.unwrap(), "done");
    }
}
