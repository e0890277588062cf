use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long a store is left alone after it kept a request waiting.
const REST: Duration = Duration::from_secs(3);

/// Remembers, for one instance, that a store kept a request waiting. Until the store has rested, no other request waits
/// for it.
///
/// After the rest, one request asks again. The others do without the store until that one has an answer.
#[derive(Debug, Default)]
pub struct Breaker {
    /// When a request last waited for the store in vain; `None`: the store answers.
    opened: Mutex<Option<Instant>>,
}

impl Breaker {
    /// Whether the store may be asked now.
    pub fn admits(&self) -> bool {
        let mut opened = self.opened();
        match *opened {
            Some(at) if at.elapsed() < REST => false,
            Some(_) => {
                *opened = Some(Instant::now());
                true
            }
            None => true,
        }
    }

    /// The store kept a request waiting: its rest begins.
    pub fn open(&self) {
        *self.opened() = Some(Instant::now());
    }

    /// The store answers.
    pub fn close(&self) {
        *self.opened() = None;
    }

    fn opened(&self) -> MutexGuard<'_, Option<Instant>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn a_store_that_was_waited_for_rests_and_is_then_tried_by_one() {
        let breaker = Breaker::default();
        assert!(breaker.admits() && breaker.admits());
        breaker.open();
        assert!(!breaker.admits());
        advance(REST - Duration::from_millis(1)).await;
        assert!(!breaker.admits());
        advance(Duration::from_millis(1)).await;
        assert!(breaker.admits(), "one tries");
        assert!(!breaker.admits(), "and no other meanwhile");
        advance(REST).await;
        assert!(breaker.admits(), "should the first have died, another tries");
        breaker.close();
        assert!(breaker.admits() && breaker.admits());
    }
}
