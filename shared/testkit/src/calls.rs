use serde_json::{Map, Value};
use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::Write,
    path::PathBuf,
    sync::{LazyLock, Mutex, PoisonError},
};

/// Where to record which function makes which calls; unset: nowhere.
static DIRECTORY: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::var_os("RECORD_CALLS").map(PathBuf::from));

/// What this process has recorded.
static KNOWN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Records a function's call of DynamoDB; the function names itself in its user agent. The deployed function must be
/// permitted to make this call. With `RECORD_CALLS` set to a directory, each kind of call becomes one line in a file
/// there: function, IAM action, table, and the attributes that are read (`*`: all).
pub(crate) fn record(user_agent: &str, operation: &str, table_prefix: &str, body: &[u8]) {
    let function = user_agent.split(' ').find_map(|part| part.strip_prefix("app/"));
    let Some(function) = function.filter(|_| DIRECTORY.is_some()) else { return };
    let body = serde_json::from_slice(body).expect("a call of DynamoDB");
    for (action, table, attributes) in permissions(operation, &body) {
        let table = table.strip_prefix(table_prefix).unwrap_or(table);
        note(format!("{function} dynamodb:{action} {table} {attributes}\n"));
    }
}

/// The folder of the function that `F` belongs to: the name of its crate.
pub(crate) fn function_of<F>() -> String {
    std::any::type_name::<F>().split("::").next().unwrap_or_default().replace('_', "-")
}

/// The permissions that IAM requires for a call: an action on a table (or on an index), with the attributes read. A
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
