use std::time::Duration;

/// Why a try may not be made, or why its outcome may not be told.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There were too many before it. Nothing was counted; the next one may be made after this time.
    #[error("too many tries: the next one may be made in {} s", .0.as_secs())]
    TooMany(Duration),
    /// The store could not tell, or holds a row that cannot be read. The try weighs for 15 seconds at most.
    #[error(transparent)]
    Store(#[from] dynamo::Error),
    /// The try took so long that its outcome cannot be counted any more.
    #[error("a try took longer than its lease")]
    Lapsed,
    /// The system gives no random bytes.
    #[error(transparent)]
    Entropy(#[from] getrandom::Error),
}

/// What an error says about the try that ended with it.
pub trait Verdict {
    /// Whether what was tried was looked at and is not good. Otherwise nothing is known about it: the stores failed.
    fn is_refusal(&self) -> bool;
}
