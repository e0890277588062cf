use crate::{
    DynamoProxy, RedisProxy, calls::function_of, dynamo_proxy::TABLE_PREFIX, fuse::Fuse, steps::Steps, variables,
};
use aws_config::AppName;
use aws_sdk_dynamodb::{Client, config::timeout::TimeoutConfig};
use dynamo::{Dynamo, SdkConfig};
use environment::Environment;
use jiff::Timestamp;
use redis::{AsyncConnectionConfig, FromRedisValue, ToRedisArgs};
use session::{Account, Hot, Login, Policy, SessionId, Sessions, Status, Token};
use stand::{DynamoDb, Redis};
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;
use trust::Roots;

mod streams;

pub use streams::Streams;

/// Settings that no test needs to change.
const CHEAP: [(&str, &str); 3] =
    [("TABLE_PREFIX", TABLE_PREFIX), ("ARGON2_MEMORY_KIB", "8"), ("ARGON2_TIME_COST", "1")];

const PATIENCE: Duration = Duration::from_secs(10);

/// Real stores that belong to one test: a Redis server and an embedded DynamoDB with every table, each behind a proxy
/// that counts and can be told to fail. All of it stops when it is dropped.
pub struct Stores {
    /// The Redis server, to be killed, frozen or flushed. `None`: only DynamoDB.
    pub redis: Option<Redis>,
    /// In front of Redis: counts and plays faults.
    pub redis_proxy: Option<RedisProxy>,
    /// In front of DynamoDB: counts calls and plays faults.
    pub dynamo_proxy: DynamoProxy,
    fuse: Arc<Fuse>,
    steps: Arc<Steps>,
    /// Bypasses the proxy.
    direct: Dynamo,
    _dynamo_db: DynamoDb,
    directory: TempDir,
}

impl Stores {
    /// Both stores.
    pub async fn start() -> Self {
        let alone = Self::without_redis().await;
        let redis = alone.another_redis(&[]).await;
        let redis_proxy = RedisProxy::start_with(redis.port(), Arc::clone(&alone.fuse), Arc::clone(&alone.steps)).await;
        Self { redis: Some(redis), redis_proxy: Some(redis_proxy), ..alone }
    }

    /// The smallest deployment: no Redis.
    pub async fn without_redis() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let dynamo_db = DynamoDb::start(None).await.expect("embedded DynamoDB");
        let (fuse, steps) = (Arc::<Fuse>::default(), Arc::<Steps>::default());
        let endpoint = dynamo_db.endpoint();
        let dynamo_proxy = DynamoProxy::start_with(endpoint, Arc::clone(&fuse), Arc::clone(&steps)).await;
        let direct = patient(&Dynamo::with(&config(), &stand::sdk_config(&dynamo_db.endpoint())));
        stand::tables::create(&direct).await.expect("the tables");
        Self { redis: None, redis_proxy: None, dynamo_proxy, fuse, steps, direct, _dynamo_db: dynamo_db, directory }
    }

    /// One more Redis server, with options of its command line. Only what the test says leads there.
    pub async fn another_redis(&self, options: &[&str]) -> Redis {
        Redis::start_with(self.directory.path(), None, options).await.expect("redis-server")
    }

    /// A client of the durable store, configured like that of the functions.
    pub fn dynamo(&self) -> Dynamo {
        Dynamo::with(&config(), &stand::sdk_config(&self.dynamo_proxy.endpoint()))
    }

    /// A function as its program wires it, in a deployment with these stores, where a hash costs nothing; the variables
    /// in `more` take precedence.
    ///
    /// # Panics
    /// When the variables have faults.
    pub fn wired<F>(
        &self,
        wire: impl FnOnce(&mut Environment, &SdkConfig) -> Option<F>,
        more: &[(String, String)],
    ) -> F {
        let mut pairs = variables();
        pairs.extend(CHEAP.map(|(name, value)| (name.to_owned(), value.to_owned())));
        pairs.extend(self.redis_proxy.iter().map(|proxy| ("REDIS_URL".to_owned(), proxy.url())));
        pairs.extend_from_slice(more);
        let mut environment = Environment::of(pairs);
        let name = AppName::new(function_of::<F>()).expect("a name");
        let aws = stand::sdk_config(&self.dynamo_proxy.endpoint()).into_builder().app_name(name).build();
        let function = wire(&mut environment, &aws);
        environment.finish(function).expect("usable settings")
    }

    /// A client of the durable store that bypasses the proxy: neither counted nor broken.
    pub fn dynamo_itself(&self) -> &Dynamo {
        &self.direct
    }

    /// Sessions on these stores, as in another instance of a function.
    pub fn sessions(&self, policy: Policy) -> Sessions {
        let redis = self.redis_proxy.as_ref().map(RedisProxy::url);
        self.sessions_on(redis.as_deref(), policy)
    }

    /// Sessions on this DynamoDB and on the Redis that `redis_url` leads to.
    pub fn sessions_on(&self, redis_url: Option<&str>, policy: Policy) -> Sessions {
        Sessions::new(policy, redis_url.map(|url| Hot::at(url, &Roots::default()).expect("a Redis URL")), self.dynamo())
    }

    /// Does `work` and kills it when it sends one command more than these to the stores: `None`. Afterwards commands reach the
    /// stores again, except those that were stopped.
    pub async fn killed_after<W: Future>(&self, commands: usize, work: W) -> Option<W::Output> {
        self.fuse.set(commands);
        let output = tokio::select! {
            biased;
            output = work => Some(output),
            () = self.fuse.blown() => None,
        };
        self.fuse.mend();
        output
    }

    /// Does `work`, and returns the steps that its commands take: those of one step are sent side by side, and each
    /// step waits for an answer to the one before. DynamoDB's operations and the commands of Redis are in it by name,
    /// in the order of the alphabet.
    pub async fn in_steps<W: Future>(&self, work: W) -> (W::Output, Vec<Vec<String>>) {
        self.steps.count(work).await
    }

    /// Sends a command to the Redis server itself, past the proxy.
    pub async fn redis_command<T: FromRedisValue>(&self, words: &[&str]) -> T {
        redis_command(&self.redis.as_ref().expect("a store with Redis").url(), words).await
    }

    /// What Redis holds for a session: a record, or a tombstone.
    pub async fn copy(&self, id: &SessionId) -> Option<Vec<u8>> {
        self.redis_command(&["GET", &format!("session:{id}")]).await
    }

    /// Lets Redis hold this for a session, for as long as a session that has just been used, in the place of what it held
    /// before: as if it had lost the tombstone.
    pub async fn put_copy(&self, id: &SessionId, value: &[u8]) {
        let key = format!("session:{id}");
        let words: [&[u8]; 5] = [b"SET", key.as_bytes(), value, b"PX", b"43200000"];
        redis_command::<()>(&self.redis.as_ref().expect("a store with Redis").url(), &words).await;
    }

    /// Deletes everything that Redis holds, if there is a Redis.
    pub async fn flush_redis(&self) {
        if self.redis.is_some() {
            self.redis_command::<()>(&["FLUSHALL"]).await;
        }
    }

    /// Writes a user whose only way in is that of the caller, and returns the account as a login reads it.
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
            unlinked: [].into(),
            sessions: [].into(),
            created_at: now(),
        };
        let dynamo = self.dynamo_itself();
        let row = dynamo::encode(Account::TABLE, &account).expect("a row");
        let put = dynamo.client().put_item().table_name(dynamo.table(Account::TABLE)).set_item(Some(row));
        put.send().await.expect("a written user");
        account
    }

    /// Begins a session of a user who is already stored.
    pub async fn sign_in(&self, sessions: &Sessions, user_id: &str, now: Timestamp) -> Token {
        let account = self.stored_account(user_id).await;
        let client = session::Client::default();
        let login = Login { account, auth_method: "password".to_owned(), client, presented: None };
        sessions.create(login, now).await.expect("a session").0
    }

    /// The account as it is stored now.
    pub async fn stored_account(&self, user_id: &str) -> Account {
        let dynamo = self.dynamo_itself();
        let get = dynamo.client().get_item().table_name(dynamo.table(Account::TABLE)).consistent_read(true);
        let row = get.key("user_id", dynamo::text(user_id)).send().await.expect("a read").item.expect("the user");
        Account::from_row(row).expect("a sound row")
    }
}

/// Sends a command to the Redis server at `url`, with more patience than the code under test has.
pub async fn redis_command<T: FromRedisValue>(url: &str, words: &[impl ToRedisArgs]) -> T {
    let client = redis::Client::open(url).expect("a Redis URL");
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
    let link = client.get_multiplexed_async_connection_with_config(&config).await;
    let mut command = redis::Cmd::new();
    command.arg(words);
    command.query_async(&mut link.expect("a connection to Redis")).await.expect("an answer from Redis")
}

/// The same with more patience than the code under test has.
fn patient(dynamo: &Dynamo) -> Dynamo {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(PATIENCE).operation_timeout(PATIENCE).build();
    let config = dynamo.client().config().to_builder().timeout_config(timeouts).build();
    dynamo.through(Client::from_conf(config))
}

fn config() -> dynamo::Settings {
    dynamo::Settings { table_prefix: TABLE_PREFIX.to_owned(), endpoint: None }
}

/// The present, with the precision of stored moments.
pub fn now() -> Timestamp {
    Timestamp::from_millisecond(Timestamp::now().as_millisecond()).expect("the present")
}
