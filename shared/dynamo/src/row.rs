use crate::Error;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use std::{collections::HashMap, fmt::Display};

/// A row in the SDK's form.
pub type Row = HashMap<String, AttributeValue>;

/// Decodes a row of `table`.
///
/// # Errors
/// [`Error::Corrupt`] when an attribute is missing or of another type.
pub fn decode<T: DeserializeOwned>(table: &'static str, row: Row) -> Result<T, Error> {
    serde_dynamo::from_item(row).map_err(|reason| Error::Corrupt { table, reason })
}

/// Encodes a row of `table`.
///
/// # Errors
/// [`Error::Corrupt`] when the value has no form in DynamoDB, which holds for no type of this workspace.
pub fn encode<T: Serialize>(table: &'static str, value: &T) -> Result<Row, Error> {
    serde_dynamo::to_item(value).map_err(|reason| Error::Corrupt { table, reason })
}

/// A string attribute.
pub fn text(value: impl Display) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

/// A number attribute.
pub fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A moment as we store it: milliseconds since the epoch.
pub fn moment(at: Timestamp) -> AttributeValue {
    number(at.as_millisecond())
}
