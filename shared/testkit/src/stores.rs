use crate::{DynamoProxy, RedisProxy};
use dynamo::Dynamo;
use jiff::Timestamp;
use local::{DynamoDb, Redis};
use session::{Account, Policy, Sessions, Status};
use tempfile::TempDir;

/// Real stores that belong to one test: a Redis server and an embedded DynamoDB with every table, each behind a proxy
/// that counts and can be told to fail. All of it is gone when it is dropped.
pub struct Stores {
    /// The Redis server, to be killed, frozen or flushed. `None`: DynamoDB alone.
    pub redis: Option<Redis>,
    /// In front of Redis: counts round trips.
    pub redis_proxy: Option<RedisProxy>,
    /// In front of DynamoDB: counts calls and plays faults.
    pub dynamo_proxy: DynamoProxy,
    _dynamo_db: DynamoDb,
    _directory: TempDir,
}

impl Stores {
    /// Both stores.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let redis = Redis::start(directory.path(), None).await.expect("redis-server");
        let redis_proxy = RedisProxy::start(redis.port()).await;
        let alone = Self::without_redis().await;
        Self { redis: Some(redis), redis_proxy: Some(redis_proxy), _directory: directory, ..alone }
    }

    /// The smallest deployment: no Redis.
    pub async fn without_redis() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let dynamo_db = DynamoDb::start(None).await.expect("embedded DynamoDB");
        let direct = Dynamo::with(&config(), &local::sdk_config(&dynamo_db.endpoint()));
        local::tables::create(&direct).await.expect("the tables");
        let dynamo_proxy = DynamoProxy::start(dynamo_db.endpoint()).await;
        Self { redis: None, redis_proxy: None, dynamo_proxy, _dynamo_db: dynamo_db, _directory: directory }
    }

    /// A client of the durable store, as the functions have it.
    pub fn dynamo(&self) -> Dynamo {
        Dynamo::with(&config(), &local::sdk_config(&self.dynamo_proxy.endpoint()))
    }

    /// Sessions on these stores, as one more instance of a function would have them.
    pub fn sessions(&self, policy: Policy) -> Sessions {
        let redis = self.redis_proxy.as_ref().map(RedisProxy::url);
        let redis = redis.map(|url| session::RedisConfig::parse(&url).expect("a Redis URL"));
        Sessions::new(&session::Config { policy, redis }, self.dynamo()).expect("a Redis client")
    }

    /// Asks the Redis server itself, past the proxy.
    pub async fn redis_command<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let url = self.redis.as_ref().expect("a store with Redis").url();
        let client = redis::Client::open(url).expect("a Redis URL");
        let mut link = client.get_multiplexed_async_connection().await.expect("a connection to Redis");
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.query_async(&mut link).await.expect("an answer from Redis")
    }

    /// Forgets everything Redis holds; nothing where there is no Redis.
    pub async fn flush_redis(&self) {
        if self.redis.is_some() {
            self.redis_command::<()>(&["FLUSHALL"]).await;
        }
    }

    /// Writes a user with no way in but the caller's, and returns the account as a login reads it.
    pub async fn account(&self, user_id: &str) -> Account {
        let account = Account {
            user_id: user_id.to_owned(),
            email: Some(format!("{user_id}@example.com")),
            email_verified: true,
            name: Some("Ada".to_owned()),
            picture: None,
            scopes: vec!["read".to_owned()],
            status: Status::Active,
            security_epoch: 0,
            sessions: [].into(),
            created_at: now(),
        };
        let dynamo = self.dynamo();
        let row = dynamo::encode(Account::TABLE, &account).expect("a row");
        let put = dynamo.client.put_item().table_name(dynamo.table(Account::TABLE)).set_item(Some(row));
        put.send().await.expect("a written user");
        account
    }

    /// The account as it is stored now.
    pub async fn stored_account(&self, user_id: &str) -> Account {
        let dynamo = self.dynamo();
        let get = dynamo.client.get_item().table_name(dynamo.table(Account::TABLE)).consistent_read(true);
        let row = get.key("user_id", dynamo::text(user_id)).send().await.expect("a read").item.expect("the user");
        Account::from_row(row).expect("a sound row")
    }
}

fn config() -> dynamo::Config {
    dynamo::Config { table_prefix: "test-".to_owned() }
}

/// The present, as precise as what is stored.
pub fn now() -> Timestamp {
    Timestamp::from_millisecond(Timestamp::now().as_millisecond()).expect("the present")
}
