use aws_sdk_dynamodb::{
    Client,
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef},
    error::BoxError,
};
use dynamo::Dynamo;
use serde_json::{Map, Value};
use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::Write,
    path::PathBuf,
    sync::{LazyLock, Mutex, PoisonError},
};

tokio::task_local! {
    static FUNCTION: String;
}

/// Where to write down which function makes which calls; unset: nowhere.
static DIRECTORY: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::var_os("RECORD_CALLS").map(PathBuf::from));

/// What this process has written down.
static KNOWN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Does `work` as the function of this name: what it asks of DynamoDB is what the deployed function must be permitted.
/// With `RECORD_CALLS` set to a directory, each kind of call becomes one line in a file there: function, IAM action,
/// table, and the attributes that are read (`*`: all).
pub async fn acting_as<W: Future>(function: &str, work: W) -> W::Output {
    FUNCTION.scope(function.to_owned(), work).await
}

/// The folder of the function that `F` belongs to: the name of its crate.
pub(crate) fn function_of<F>() -> String {
    std::any::type_name::<F>().split("::").next().unwrap_or_default().replace('_', "-")
}

/// A client that writes down what functions ask.
pub(crate) fn recording(mut dynamo: Dynamo, table_prefix: &'static str) -> Dynamo {
    if DIRECTORY.is_some() {
        let config = dynamo.client.config().to_builder().interceptor(Recorder { table_prefix }).build();
        dynamo.client = Client::from_conf(config);
    }
    dynamo
}

#[derive(Debug)]
struct Recorder {
    table_prefix: &'static str,
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(function) = FUNCTION.try_with(Clone::clone) else { return Ok(()) };
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let body: Value = serde_json::from_slice(context.request().body().bytes().unwrap_or_default())?;
        for (action, table, attributes) in permissions(operation, &body) {
            let table = table.strip_prefix(self.table_prefix).unwrap_or(table);
            note(format!("{function} dynamodb:{action} {table} {attributes}\n"));
        }
        Ok(())
    }
}

/// What IAM asks for before it lets a call through: an action on a table (or on an index), with the attributes read. A
/// transaction needs the action of each of its parts (Amazon DynamoDB Developer Guide, "Using IAM with transactions").
fn permissions<'a>(operation: &'a str, body: &'a Value) -> Vec<(&'a str, &'a str, String)> {
    match operation {
        "TransactGetItems" | "TransactWriteItems" => {
            let parts = body["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
            parts.map(|(part, of)| (action_of_part(part), text(of, "TableName"), attributes(of))).collect()
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flat_map(Map::iter);
            tables.map(|(table, of)| (operation, table.as_str(), attributes(of))).collect()
        }
        _ => vec![(operation, text(body, "TableName"), attributes(body))],
    }
}

fn action_of_part(part: &str) -> &str {
    match part {
        "Get" => "GetItem",
        "Put" => "PutItem",
        "Update" => "UpdateItem",
        "Delete" => "DeleteItem",
        "ConditionCheck" => "ConditionCheckItem",
        other => other,
    }
}

fn text<'a>(of: &'a Value, member: &str) -> &'a str {
    of[member].as_str().unwrap_or_default()
}

/// The attributes that a projection names, sorted; after `/` the index that is read.
fn attributes(of: &Value) -> String {
    let name = |part: &str| of["ExpressionAttributeNames"][part].as_str().unwrap_or(part).to_owned();
    let projection = text(of, "ProjectionExpression").split(',').map(str::trim).filter(|part| !part.is_empty());
    let names: BTreeSet<String> = projection.map(name).collect();
    let names = if names.is_empty() { "*".to_owned() } else { Vec::from_iter(names).join(",") };
    of["IndexName"].as_str().map_or(names.clone(), |index| format!("{names}/{index}"))
}

fn note(line: String) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(directory) = DIRECTORY.as_ref().filter(|_| !known.contains(&line)) else { return };
    std::fs::create_dir_all(directory).expect("the directory of RECORD_CALLS");
    let file = directory.join(std::process::id().to_string());
    let opened = OpenOptions::new().create(true).append(true).open(file);
    opened.and_then(|mut file| file.write_all(line.as_bytes())).expect("a file in RECORD_CALLS");
    known.insert(line);
}
