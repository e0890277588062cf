use std::time::Duration;

/// Why a try is not allowed, or why its outcome may not be reported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There were too many tries before it. Nothing was counted; the next one is allowed after this time.
    #[error("too many tries: the next one may be made in {} s", .0.as_secs())]
    TooMany(Duration),
    /// The store could not tell, or holds an unreadable row. The try counts for at most 15 seconds.
    #[error(transparent)]
    Store(#[from] dynamo::Error),
    /// The try took so long that its outcome can no longer be counted.
    #[error("a try took longer than its lease")]
    Lapsed,
    /// The system gives no random bytes.
    #[error(transparent)]
    Entropy(#[from] getrandom::Error),
}

/// What an error says about the try that it ended.
pub trait Verdict {
    /// Whether the credential was checked and is wrong. Otherwise nothing is known about it: the stores failed.
    fn is_refusal(&self) -> bool;
}
