use std::time::Duration;
use tokio::{sync::watch, time::timeout};

/// Whether the host is asked to end, for what runs beside the requests.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// One that is asked for by sending `true`.
    pub fn new() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Whether it has been asked for.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it has been asked for.
    pub async fn asked(&self) {
        // If the sender is gone, it will not be asked for any more.
        if self.0.clone().wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits so long, or until it is asked for.
    pub async fn pause(&self, duration: Duration) {
        // Too late is what a pause is for.
        drop(timeout(duration, self.asked()).await);
    }
}
