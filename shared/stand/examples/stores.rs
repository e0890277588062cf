//! The stores alone, empty, with all tables, for tests that are not written in Rust: prints their addresses as JSON,
//! and ends when standard input does.
//!
//! `stores DIRECTORY`: where the log of Redis goes.

use dynamo::{Dynamo, Settings};
use stand::{DynamoDb, Redis, sdk_config, tables};
use std::{
    error::Error,
    io::{Read, Write},
    path::PathBuf,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: stores DIRECTORY")?);
    let dynamo_db = DynamoDb::start(None).await?;
    let redis = Redis::start(&directory, None).await?;
    let config = Settings { table_prefix: "auth-".to_owned(), endpoint: None };
    tables::create(&Dynamo::with(&config, &sdk_config(&dynamo_db.endpoint()))).await?;

    let addresses = serde_json::json!({ "dynamodb": dynamo_db.endpoint(), "redis": redis.url() });
    writeln!(std::io::stdout(), "{addresses}")?;
    // This thread has nothing else to do: DynamoDB has its own.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
