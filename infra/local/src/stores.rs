use crate::{failure::Failure, settings::Settings};
use aws_config::SdkConfig;
use dynamo::Dynamo;
use stand::{DynamoDb, Redis, sdk_config, tables};
use std::{path::Path, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use url::Url;

const DYNAMODB: &str = "AWS_ENDPOINT_URL_DYNAMODB";
const REDIS: &str = "REDIS_URL";

/// The stores that run in, or below, this process: those whose address the caller has not given.
pub struct Stores {
    _dynamo_db: Option<DynamoDb>,
    _redis: Option<Redis>,
}

impl Stores {
    /// Starts the missing stores, keeps rows in `data`, and writes the addresses into the settings.
    ///
    /// # Errors
    /// When a store cannot be started, or one that the caller named does not answer.
    pub async fn start(data: &Path, with_redis: bool, settings: &mut Settings) -> Result<Self, Failure> {
        let dynamo_db = match settings.get(DYNAMODB) {
            Some(endpoint) => reach(DYNAMODB, endpoint, 80).await.map(|()| None)?,
            None => Some(DynamoDb::start(Some(&data.join("dynamodb.sqlite"))).await?),
        };
        let redis = match settings.get(REDIS) {
            _ if !with_redis => None,
            Some(url) => reach(REDIS, url, 6379).await.map(|()| None)?,
            None => Some(start_redis(&data.join("redis")).await?),
        };
        if let Some(dynamo_db) = &dynamo_db {
            settings.set(DYNAMODB, dynamo_db.endpoint());
        }
        match &redis {
            _ if !with_redis => settings.remove(REDIS),
            Some(redis) => settings.set(REDIS, redis.url()),
            None => {}
        }
        Ok(Self { _dynamo_db: dynamo_db, _redis: redis })
    }
}

/// A client of the DynamoDB that the settings name, in which every table exists.
///
/// # Errors
/// When a table cannot be created.
pub async fn dynamo(settings: &Settings) -> Result<Dynamo, Failure> {
    let store =
        dynamo::Settings { table_prefix: settings.get("TABLE_PREFIX").unwrap_or_default().to_owned(), endpoint: None };
    let dynamo = Dynamo::with(&store, &address(settings));
    tables::create(&dynamo).await?;
    Ok(dynamo)
}

/// The configuration of a client for the DynamoDB that the settings name.
pub fn address(settings: &Settings) -> SdkConfig {
    sdk_config(settings.get(DYNAMODB).unwrap_or_default())
}

async fn start_redis(directory: &Path) -> Result<Redis, Failure> {
    std::fs::create_dir_all(directory).map_err(Failure::file(directory))?;
    Ok(Redis::start(directory, None).await?)
}

/// If a store is gone, it is better to notice here than in the first request: the caller's shell may still have the
/// address from the settings of an earlier run.
async fn reach(name: &str, address: &str, default_port: u16) -> Result<(), Failure> {
    let refuse = |reason: &str| Err(Failure::Setting { name: name.to_owned(), reason: reason.to_owned() });
    let Ok(url) = Url::parse(address) else { return refuse("is not a URL") };
    let Some(host) = url.host_str() else { return refuse("has no host") };
    let connect = TcpStream::connect((host, url.port_or_known_default().unwrap_or(default_port)));
    match timeout(Duration::from_secs(3), connect).await {
        Ok(Ok(_)) => Ok(()),
        _ => refuse("leads to nobody; unset it, and a store is started here"),
    }
}
