//! What tests share: real stores of their own, and peers that can be told to misbehave.
#![allow(clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod dynamo_proxy;
mod fuse;
mod provider;
mod redis_proxy;
mod script;
mod stores;

pub use dynamo_proxy::{DynamoProxy, Fault};
pub use provider::{Answer, Calls, Endpoint, Forgery, Lie, Provider};
pub use redis_proxy::{RedisFault, RedisProxy};
pub use script::Held;
pub use stores::{Stores, now};

/// Runs a test twice: on both stores, and on DynamoDB alone.
#[macro_export]
macro_rules! on_both_stores {
    ($($(#[$meta:meta])* async fn $name:ident($stores:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn test($stores: $crate::Stores) $body

            $(#[$meta])*
            #[tokio::test]
            async fn with_redis() {
                test($crate::Stores::start().await).await;
            }

            $(#[$meta])*
            #[tokio::test]
            async fn on_dynamodb_alone() {
                test($crate::Stores::without_redis().await).await;
            }
        }
    )*};
}
