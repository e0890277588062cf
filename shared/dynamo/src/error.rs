use aws_sdk_dynamodb::error::{BuildError, SdkError};

/// Why a call to the durable store gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The condition of a write did not hold: nothing was written.
    #[error("the condition of a write did not hold")]
    Condition,
    /// A concurrent transaction won: nothing was written, a repeat may succeed.
    #[error("a concurrent transaction won")]
    Conflict,
    /// DynamoDB could not be asked or did not answer in time; a write may or may not have happened.
    #[error("DynamoDB is unavailable")]
    Unavailable(#[source] Box<aws_sdk_dynamodb::Error>),
    /// A call that can be skipped was not made, or was given up after a moment; a write may still have happened.
    #[error("DynamoDB keeps requests waiting, a call that can be skipped is skipped")]
    Skipped,
    /// A request was built without a part that it needs.
    #[error(transparent)]
    Incomplete(#[from] BuildError),
    /// A row does not have the form that this code writes.
    #[error("a row of {table} is corrupt: {reason}")]
    Corrupt {
        /// The table, without its prefix.
        table: &'static str,
        /// What the decoder said.
        reason: serde_dynamo::Error,
    },
}

impl Error {
    /// A row of `table` that can be decoded but does not have the form that this code writes.
    pub fn corrupt(table: &'static str, reason: &'static str) -> Self {
        Self::Corrupt { table, reason: serde::ser::Error::custom(reason) }
    }
}

/// The result of a write; `None` when its condition did not hold, so that nothing was written.
///
/// # Errors
/// Every other error.
pub fn held<T, E: Into<Error>>(written: Result<T, E>) -> Result<Option<T>, Error> {
    match written.map_err(Into::into) {
        Ok(brought) => Ok(Some(brought)),
        Err(Error::Condition) => Ok(None),
        Err(error) => Err(error),
    }
}

impl<E, R> From<SdkError<E, R>> for Error
where
    aws_sdk_dynamodb::Error: From<SdkError<E, R>>,
{
    fn from(error: SdkError<E, R>) -> Self {
        use aws_sdk_dynamodb::Error as Sdk;
        match Sdk::from(error) {
            Sdk::ConditionalCheckFailedException(_) => Self::Condition,
            Sdk::TransactionConflictException(_) => Self::Conflict,
            Sdk::TransactionCanceledException(cancelled) => {
                let codes = || cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
                let rivals = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
                if codes().any(|code| code == "ConditionalCheckFailed") {
                    Self::Condition
                } else if codes().any(|code| rivals.contains(&code)) {
                    Self::Conflict
                } else {
                    Self::Unavailable(Box::new(Sdk::TransactionCanceledException(cancelled)))
                }
            }
            error => Self::Unavailable(Box::new(error)),
        }
    }
}
