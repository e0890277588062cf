use std::time::Duration;

/// Why a try may not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There were too many before it. Nothing was counted; the next one may be made after this time.
    #[error("too many tries: the next one may be made in {} s", .0.as_secs())]
    TooMany(Duration),
    /// The store could not tell, or holds a row that cannot be read. The try may have been counted.
    #[error(transparent)]
    Store(#[from] dynamo::Error),
}
