use crate::{Error, Row};
use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::{UpdateItemError, UpdateItemOutput},
};

/// What became of an update that asks for the row in both cases, so that neither needs a read.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The condition held. The row after the update.
    Made(Row),
    /// The condition did not hold: nothing was written. The row as it is; `None`: there is none.
    Refused(Option<Row>),
}

impl Outcome {
    /// The outcome of an update with `ReturnValues` and `ReturnValuesOnConditionCheckFailure`.
    ///
    /// # Errors
    /// Every error but a condition that does not hold.
    pub fn of<R>(sent: Result<UpdateItemOutput, SdkError<UpdateItemError, R>>) -> Result<Self, Error>
    where
        aws_sdk_dynamodb::Error: From<SdkError<UpdateItemError, R>>,
    {
        let error = match sent {
            Ok(made) => return Ok(Self::Made(made.attributes.unwrap_or_default())),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => Ok(Self::Refused(refused.item.clone())),
            _ => Err(error.into()),
        }
    }
}
