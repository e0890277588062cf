use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::{
        batch_get_item::BatchGetItemError, delete_item::DeleteItemError, get_item::GetItemError, put_item::PutItemError,
        query::QueryError, scan::ScanError, transact_get_items::TransactGetItemsError,
        transact_write_items::TransactWriteItemsError, update_item::UpdateItemError,
    },
    types::CancellationReason,
};

/// Why a call to the durable store gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The condition of a write did not hold: nothing was written.
    #[error("the condition of a write did not hold")]
    Condition,
    /// A concurrent transaction won: nothing was written, a repeat may succeed.
    #[error("a concurrent transaction won")]
    Conflict,
    /// DynamoDB could not be asked or did not answer in time; a write may or may not have happened.
    #[error("DynamoDB is unavailable: {0}")]
    Unavailable(String),
    /// A row does not have the form that this code writes.
    #[error("a row of {table} is corrupt")]
    Corrupt {
        /// The table, without its prefix.
        table: &'static str,
        /// What the decoder said.
        #[source]
        source: serde_dynamo::Error,
    },
}

impl Error {
    fn of_call<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>, reasons: &[CancellationReason]) -> Self {
        let has = |code| reasons.iter().any(|reason| reason.code() == Some(code));
        match error.code() {
            Some("ConditionalCheckFailedException") => Self::Condition,
            Some("TransactionCanceledException") if has("ConditionalCheckFailed") => Self::Condition,
            Some("TransactionCanceledException")
                if has("TransactionConflict") || has("ThrottlingError") || has("ProvisionedThroughputExceeded") =>
            {
                Self::Conflict
            }
            Some("TransactionConflictException" | "TransactionInProgressException") => Self::Conflict,
            _ => Self::Unavailable(chain(error)),
        }
    }
}

/// An error with everything below it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let links = std::iter::successors(Some(error), |link| link.source());
    links.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

macro_rules! from_call {
    ($($call:ty),*) => {$(
        impl From<SdkError<$call>> for Error {
            fn from(error: SdkError<$call>) -> Self {
                Self::of_call(&error, &[])
            }
        }
    )*};
}
from_call!(BatchGetItemError, DeleteItemError, GetItemError, PutItemError, QueryError, ScanError, UpdateItemError);

macro_rules! from_transaction {
    ($($call:ident),*) => {$(
        impl From<SdkError<$call>> for Error {
            fn from(error: SdkError<$call>) -> Self {
                match error.as_service_error() {
                    Some($call::TransactionCanceledException(cancelled)) => {
                        Self::of_call(&error, cancelled.cancellation_reasons())
                    }
                    _ => Self::of_call(&error, &[]),
                }
            }
        }
    )*};
}
from_transaction!(TransactGetItemsError, TransactWriteItemsError);

/// A request that lacks a part is a defect here, not in the row or the store; it is reported like a call that failed.
impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        Self::Unavailable(chain(&error))
    }
}
