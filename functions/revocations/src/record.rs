use aws_lambda_events::dynamodb::EventRecord;
use serde_json::Value;
use session::{RowChange, Unreadable};

/// How Lambda identifies a record: by its number in its shard, or by the id of the message that brings it.
pub(crate) type Sequence = Option<String>;

/// The source of messages (`eventSource`).
const QUEUE: &str = "aws:sqs";

/// The service that removes expired rows (`userIdentity.principalId`).
const TIME_TO_LIVE: &str = "dynamodb.amazonaws.com";

/// One record of a stream: a change, and the full name of the table it happened in.
pub(crate) struct Record {
    pub table: String,
    pub change: RowChange,
}

/// Why a record cannot be read. It never holds the record's content.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("it has another form than records of streams have")]
    Form,
    #[error("it does not name the table it comes from")]
    Source,
    #[error("it holds no image of the row")]
    Image,
    #[error(transparent)]
    Row(#[from] Unreadable),
}

impl Record {
    /// Reads a record, and its number even if the rest is unreadable. It comes from the stream itself, or as a message
    /// of the queue that holds each record back for a while.
    pub fn read(mut value: Value) -> (Sequence, Result<Self, Error>) {
        let sequence = number(&value).map(str::to_owned);
        if is_message(&value) {
            value = value["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
        }
        let record = serde_json::from_value(value).map_err(|_| Error::Form).and_then(Self::of);
        (sequence, record)
    }

    fn of(record: EventRecord) -> Result<Self, Error> {
        let table = record.event_source_arn.as_deref().and_then(table).ok_or(Error::Source)?.to_owned();
        // Here an omitted image is an empty one.
        let [old, new] = [record.change.old_image, record.change.new_image]
            .map(|image| Some(image).filter(|image| !image.is_empty()));
        let by = record.user_identity.map(|identity| identity.principal_id);
        let change = match record.event_name.as_str() {
            "INSERT" | "MODIFY" => {
                RowChange::Written { old: old.map(Into::into), new: new.ok_or(Error::Image)?.into() }
            }
            "REMOVE" if by.as_deref() == Some(TIME_TO_LIVE) => RowChange::Expired,
            "REMOVE" => RowChange::Removed { old: old.map(Into::into) },
            _ => return Err(Error::Form),
        };
        Ok(Self { table, change })
    }
}

/// Whether a record is of a session that ended, or whose row an operator removed. Such a record comes twice: also when it is
/// some time old.
pub fn is_ending(record: &Value) -> bool {
    let is_removed = record["eventName"] == "REMOVE" && record["userIdentity"].is_null();
    is_removed || record["dynamodb"]["NewImage"]["revoked_at"].is_object()
}

/// What identifies a record.
pub(crate) fn number(record: &Value) -> Option<&str> {
    let number = if is_message(record) { &record["messageId"] } else { &record["dynamodb"]["SequenceNumber"] };
    number.as_str()
}

fn is_message(record: &Value) -> bool {
    record["eventSource"] == QUEUE
}

/// The table in the ARN of its stream: `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`.
fn table(arn: &str) -> Option<&str> {
    let (_, resource) = arn.split_once(":table/")?;
    let (name, _) = resource.split_once("/stream/")?;
    Some(name).filter(|name| !name.is_empty())
}
