//! Runs the stores of the login API on this machine, for `make dev` and for the tests: Redis, and DynamoDB with its tables.

mod dynamo_db;
mod error;
mod redis;
pub mod tables;
mod tether;

pub use dynamo_db::{DynamoDb, sdk_config};
pub use error::Error;
pub use redis::Redis;
pub use tether::{Ending, Tether};
