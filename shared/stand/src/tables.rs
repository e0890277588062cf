//! Makes the tables of `infra/data.yaml`, the one definition of the durable schema.

use crate::Error;
use aws_sdk_dynamodb::{
    error::BuildError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection, StreamSpecification,
        TimeToLiveSpecification,
    },
};
use dynamo::Dynamo;
use serde::Deserialize;
use std::collections::BTreeMap;

const DEFINITION: &str = include_str!("../../../infra/data.yaml");

/// Creates every missing table, with its stream and its expiry. Existing tables keep their rows and form, and get the
/// stream if they have none.
///
/// # Errors
/// When the definition cannot be read, or DynamoDB cannot be asked or refuses.
pub async fn create(dynamo: &Dynamo) -> Result<(), Error> {
    let template: Template = serde_saphyr::from_str(DEFINITION)?;
    for Resource { properties } in template.resources.values() {
        let table = dynamo.table(properties.table_name.without_prefix());
        let made = match create_table(dynamo, &table, properties).await {
            Err(aws_sdk_dynamodb::Error::ResourceInUseException(_)) => add_stream(dynamo, &table, properties).await,
            Ok(()) => expire(dynamo, &table, properties).await,
            Err(error) => Err(error),
        };
        made.map_err(|source| Error::Table { table, source: Box::new(source) })?;
    }
    Ok(())
}

async fn create_table(dynamo: &Dynamo, table: &str, properties: &Properties) -> Result<(), aws_sdk_dynamodb::Error> {
    let mut call = dynamo.client().create_table().table_name(table).billing_mode(BillingMode::PayPerRequest);
    for attribute in &properties.attribute_definitions {
        let definition = AttributeDefinition::builder().attribute_name(&attribute.attribute_name);
        call = call.attribute_definitions(definition.attribute_type(attribute.attribute_type.as_str().into()).build()?);
    }
    for index in &properties.global_secondary_indexes {
        let Projected { projection_type, non_key_attributes } = &index.projection;
        let projection = Projection::builder().projection_type(projection_type.as_str().into());
        let projection = projection.set_non_key_attributes(non_key_attributes.clone());
        let index_ = GlobalSecondaryIndex::builder().index_name(&index.index_name).projection(projection.build());
        call = call.global_secondary_indexes(index_.set_key_schema(Some(key_schema(&index.key_schema)?)).build()?);
    }
    let streamed = call.set_stream_specification(properties.stream()?);
    streamed.set_key_schema(Some(key_schema(&properties.key_schema)?)).send().await?;
    Ok(())
}

/// Adds the stream to a table that was made without one. DynamoDB refuses to do that twice.
async fn add_stream(dynamo: &Dynamo, table: &str, properties: &Properties) -> Result<(), aws_sdk_dynamodb::Error> {
    let Some(wanted) = properties.stream()? else { return Ok(()) };
    let described = dynamo.client().describe_table().table_name(table).send().await?.table;
    if described.is_some_and(|table| table.stream_specification.is_some_and(|stream| stream.stream_enabled)) {
        return Ok(());
    }
    dynamo.client().update_table().table_name(table).stream_specification(wanted).send().await?;
    Ok(())
}

fn key_schema(keys: &[Key]) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |key: &Key| {
        let element = KeySchemaElement::builder().attribute_name(&key.attribute_name);
        element.key_type(key.key_type.as_str().into()).build()
    };
    keys.iter().map(element).collect()
}

/// Sets the attribute by which rows expire. DynamoDB refuses to set it twice.
async fn expire(dynamo: &Dynamo, table: &str, properties: &Properties) -> Result<(), aws_sdk_dynamodb::Error> {
    let Some(Expiry { attribute_name, enabled }) = &properties.time_to_live_specification else { return Ok(()) };
    let expiry = TimeToLiveSpecification::builder().attribute_name(attribute_name).enabled(*enabled).build()?;
    dynamo.client().update_time_to_live().table_name(table).time_to_live_specification(expiry).send().await?;
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Template {
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    table_name: Substitution,
    attribute_definitions: Vec<Attribute>,
    key_schema: Vec<Key>,
    #[serde(default)]
    global_secondary_indexes: Vec<Index>,
    time_to_live_specification: Option<Expiry>,
    stream_specification: Option<Streamed>,
}

impl Properties {
    fn stream(&self) -> Result<Option<StreamSpecification>, BuildError> {
        let specification = |Streamed { stream_view_type }: &Streamed| {
            let specification = StreamSpecification::builder().stream_enabled(true);
            specification.stream_view_type(stream_view_type.as_str().into()).build()
        };
        self.stream_specification.as_ref().map(specification).transpose()
    }
}

#[derive(Deserialize)]
struct Substitution {
    #[serde(rename = "Fn::Sub")]
    template: String,
}

impl Substitution {
    fn without_prefix(&self) -> &str {
        self.template.strip_prefix("${TablePrefix}").unwrap_or(&self.template)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    attribute_name: String,
    key_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    index_name: String,
    key_schema: Vec<Key>,
    projection: Projected,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Projected {
    projection_type: String,
    non_key_attributes: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Expiry {
    attribute_name: String,
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Streamed {
    stream_view_type: String,
}
