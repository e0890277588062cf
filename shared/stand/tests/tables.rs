//! The tables that are made here match `infra/data.yaml` in every property.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws_sdk_dynamodb::types::{KeySchemaElement, TableDescription};
use dynamo::Dynamo;
use serde_json::{Value, json};
use stand::DynamoDb;

const PREFIX: &str = "test-";

/// Properties that an emulator cannot use. The tables have every other property of the definition.
const OF_THE_DEPLOYMENT: [&str; 4] =
    ["BillingMode", "DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "SSESpecification"];

#[tokio::test]
async fn the_tables_are_those_of_the_definition() {
    let dynamo_db = DynamoDb::start(None).await.unwrap();
    let config = dynamo::Settings { table_prefix: PREFIX.to_owned(), endpoint: None };
    let dynamo = Dynamo::with(&config, &stand::sdk_config(&dynamo_db.endpoint()));
    stand::tables::create(&dynamo).await.unwrap();

    let definition: Value = serde_saphyr::from_str(include_str!("../../../infra/data.yaml")).unwrap();
    let resources = definition["Resources"].as_object().unwrap().values();
    let mut defined: Vec<Value> = resources.map(|resource| wanted(&resource["Properties"])).collect();
    let mut made = Vec::new();
    for table in dynamo.client().list_tables().send().await.unwrap().table_names() {
        made.push(found(&dynamo, table).await);
    }
    for tables in [&mut defined, &mut made] {
        tables.sort_by_key(|table| table["TableName"].to_string());
    }
    assert_eq!(made, defined);
}

fn wanted(properties: &Value) -> Value {
    let mut table = properties.clone();
    let members = table.as_object_mut().unwrap();
    members.retain(|name, _| !OF_THE_DEPLOYMENT.contains(&name.as_str()));
    let name = properties["TableName"]["Fn::Sub"].as_str().unwrap().replace("${TablePrefix}", PREFIX);
    members.insert("TableName".to_owned(), name.into());
    sorted(table)
}

async fn found(dynamo: &Dynamo, name: &str) -> Value {
    let table = dynamo.client().describe_table().table_name(name).send().await.unwrap().table.unwrap();
    let mut found = json!({ "TableName": name, "KeySchema": keys(table.key_schema()) });
    found["AttributeDefinitions"] = attributes(&table);
    if !table.global_secondary_indexes().is_empty() {
        found["GlobalSecondaryIndexes"] = indexes(&table);
    }
    if let Some(view) = table.stream_specification().and_then(|stream| stream.stream_view_type()) {
        found["StreamSpecification"] = json!({ "StreamViewType": view.as_str() });
    }
    let expiry = dynamo.client().describe_time_to_live().table_name(name).send().await.unwrap();
    if let Some(attribute) = expiry.time_to_live_description.and_then(|expiry| expiry.attribute_name) {
        found["TimeToLiveSpecification"] = json!({ "AttributeName": attribute, "Enabled": true });
    }
    sorted(found)
}

fn keys(keys: &[KeySchemaElement]) -> Value {
    let element =
        |key: &KeySchemaElement| json!({ "AttributeName": key.attribute_name(), "KeyType": key.key_type().as_str() });
    keys.iter().map(element).collect()
}

fn attributes(table: &TableDescription) -> Value {
    let all = table.attribute_definitions().iter();
    all.map(|one| json!({ "AttributeName": one.attribute_name(), "AttributeType": one.attribute_type().as_str() }))
        .collect()
}

fn indexes(table: &TableDescription) -> Value {
    let all = table.global_secondary_indexes().iter().map(|index| {
        let projection = index.projection().unwrap();
        let mut projected = json!({ "ProjectionType": projection.projection_type().unwrap().as_str() });
        if !projection.non_key_attributes().is_empty() {
            projected["NonKeyAttributes"] = projection.non_key_attributes().into();
        }
        json!({
            "IndexName": index.index_name(),
            "KeySchema": keys(index.key_schema()),
            "Projection": projected,
        })
    });
    all.collect()
}

/// The order of attributes and indexes does not matter.
fn sorted(mut table: Value) -> Value {
    for list in ["AttributeDefinitions", "GlobalSecondaryIndexes"] {
        if let Some(list) = table.get_mut(list).and_then(Value::as_array_mut) {
            list.sort_by_key(Value::to_string);
        }
    }
    table
}
