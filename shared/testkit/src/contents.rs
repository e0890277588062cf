use crate::{Fault, Stores};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Stores {
    /// Every row of every table and every key of Redis, for comparing before and after.
    pub async fn contents(&self) -> BTreeMap<String, Value> {
        let mut contents = BTreeMap::new();
        let dynamo = self.dynamo_itself();
        let tables = dynamo.client().list_tables().send().await.expect("the tables").table_names.unwrap_or_default();
        for table in tables {
            contents.insert(table.clone(), self.rows(&table).await.into());
        }
        if self.redis.is_some() {
            let mut keys: Vec<String> = self.redis_command(&["KEYS", "*"]).await;
            keys.sort();
            for key in keys {
                let value: Vec<u8> = self.redis_command(&["GET", &key]).await;
                let expires_at: i64 = self.redis_command(&["PEXPIRETIME", &key]).await;
                contents.insert(key, json!([value, expires_at]));
            }
        }
        contents
    }

    /// Changes a stored row without checking the result; a member that becomes null is removed.
    pub async fn change(&self, table: &'static str, key: (&str, &str), change: impl FnOnce(&mut Value)) {
        let mut row = self.row(table, key).await.expect("a row to be changed");
        change(&mut row);
        row.as_object_mut().expect("a row").retain(|_, value| !value.is_null());
        self.put(table, &row).await;
    }

    /// A row, by the name of its table without the prefix.
    pub async fn row(&self, table: &'static str, (name, value): (&str, &str)) -> Option<Value> {
        let dynamo = self.dynamo_itself();
        let get = dynamo.client().get_item().table_name(dynamo.table(table)).key(name, dynamo::text(value));
        let found = get.consistent_read(true).send().await.expect("a read").item?;
        Some(json_of(AttributeValue::M(found)))
    }

    /// Writes a row, valid or not.
    pub async fn put(&self, table: &'static str, row: &Value) {
        let dynamo = self.dynamo_itself();
        let AttributeValue::M(row) = attribute_of(row) else { panic!("no row: {row}") };
        dynamo.client().put_item().table_name(dynamo.table(table)).set_item(Some(row)).send().await.expect("a write");
    }

    /// Makes both stores unavailable: Redis is killed, DynamoDB refuses every call.
    pub async fn go_away(&self) {
        self.dynamo_proxy.break_all(None, Fault::Fail);
        if let Some(redis) = &self.redis {
            redis.kill9().await.expect("a Redis that ran");
        }
    }

    /// Every row of a table, by its full name.
    async fn rows(&self, table: &str) -> Vec<Value> {
        let scan = self.dynamo_itself().client().scan().table_name(table).consistent_read(true).send().await;
        let rows = scan.expect("the rows").items.unwrap_or_default();
        let mut rows: Vec<_> = rows.into_iter().map(|row| json_of(AttributeValue::M(row))).collect();
        rows.sort_by_key(Value::to_string);
        rows
    }
}

/// Stands for values that JSON cannot express.
const BYTES: &str = "(bytes)";
const SET: &str = "(set)";

/// An attribute as JSON, so that a test can read and change it.
fn json_of(attribute: AttributeValue) -> Value {
    match attribute {
        AttributeValue::S(text) => text.into(),
        AttributeValue::N(number) => serde_json::from_str(&number).expect("a number"),
        AttributeValue::Bool(truth) => truth.into(),
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::L(list) => list.into_iter().map(json_of).collect(),
        AttributeValue::M(map) => {
            map.into_iter().map(|(name, value)| (name, json_of(value))).collect::<Map<_, _>>().into()
        }
        AttributeValue::B(bytes) => json!({ BYTES: BASE64_STANDARD.encode(bytes) }),
        AttributeValue::Ss(texts) => json!({ SET: texts }),
        other => panic!("no row of ours holds {other:?}"),
    }
}

fn attribute_of(json: &Value) -> AttributeValue {
    match json {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(truth) => AttributeValue::Bool(*truth),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(list) => AttributeValue::L(list.iter().map(attribute_of).collect()),
        Value::Object(map) => match (map.get(BYTES), map.get(SET)) {
            (Some(Value::String(text)), _) => {
                AttributeValue::B(Blob::new(BASE64_STANDARD.decode(text).expect("base64")))
            }
            (_, Some(Value::Array(texts))) => {
                AttributeValue::Ss(texts.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            _ => AttributeValue::M(map.iter().map(|(name, value)| (name.clone(), attribute_of(value))).collect()),
        },
    }
}
