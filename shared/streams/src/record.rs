use aws_sdk_dynamodbstreams::types::{AttributeValue, Record, StreamRecord};
use serde_dynamo::Item;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A record as a function gets it: the answer of `GetRecords`, with some members renamed, and with the ARN of the
/// stream (AWS Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB").
pub(crate) fn as_lambda_tells_it(record: Record, arn: &str) -> Value {
    let change = record.dynamodb.unwrap_or_else(|| StreamRecord::builder().build());
    let told = change.approximate_creation_date_time.map(|at| at.as_secs_f64());
    let mut dynamodb = json!({
        "ApproximateCreationDateTime": told,
        "Keys": attributes(change.keys.unwrap_or_default()),
        "SequenceNumber": change.sequence_number,
        "SizeBytes": change.size_bytes,
        "StreamViewType": change.stream_view_type.map(|view| view.as_str().to_owned()),
    });
    for (name, image) in [("NewImage", change.new_image), ("OldImage", change.old_image)] {
        if let Some(image) = image {
            dynamodb[name] = attributes(image);
        }
    }
    let mut event = json!({
        "eventID": record.event_id,
        "eventName": record.event_name.map(|name| name.as_str().to_owned()),
        "eventVersion": record.event_version,
        "eventSource": record.event_source,
        "awsRegion": record.aws_region,
        "dynamodb": dynamodb,
        "eventSourceARN": arn,
    });
    if let Some(who) = record.user_identity {
        event["userIdentity"] = json!({ "type": who.r#type, "principalId": who.principal_id });
    }
    event
}

/// An image in DynamoDB's own JSON.
fn attributes(image: HashMap<String, AttributeValue>) -> Value {
    // Strings, lists and maps of strings: all of it has a form in JSON.
    serde_json::to_value(Item::from(image)).unwrap_or_default()
}
