//! What tests share: real stores of their own, and peers that can be told to misbehave.
#![allow(clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod calls;
mod contents;
mod dynamo_proxy;
mod flow;
mod fuse;
mod hostile;
mod kms;
mod logs;
mod mail_server;
mod provider;
mod redis_cluster;
mod redis_proxy;
mod script;
mod site;
mod steps;
mod stores;
mod tls;

pub use crate::logs::{Logs, hush};
pub use dynamo_proxy::{DynamoProxy, Fault};
pub use flow::costs_what_is_written;
pub use hostile::HOSTILE;
pub use kms::{KeyService, KmsFault};
pub use mail_server::{CaughtMail, MailFault, MailServer, MailStep};
pub use provider::{Answer, Calls, Endpoint, Forgery, Lie, Provider};
pub use redis_cluster::RedisCluster;
pub use redis_proxy::{RedisFault, RedisProxy};
pub use script::Held;
pub use site::{APP_URL, ORIGIN, PUBLIC_URL, settings, then, variables};
pub use stores::{Stores, Streams, now, redis_command};
pub use tls::{Authority, Meeting, Opening, TlsClient, TlsFront, meet_certificates, meetings};

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
