use redis::{AsyncConnectionConfig, Client, aio::MultiplexedConnection};
use session::SessionId;
use stand::Redis;
use std::time::Duration;
use testkit::{Stores, now, redis_command};

/// Keys that are written at once.
const BATCH: usize = 1_000;

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Connections that are counted together.
const CONNECTIONS: usize = 200;

/// The idle time of a session: none expires while it is counted.
const IDLE: Duration = Duration::from_hours(12);

/// An empty server, and the memory it uses then.
pub struct Server {
    redis: Redis,
}

impl Server {
    /// A server of its own. In cluster mode it owns every slot: the cost of a key there does not depend on other nodes.
    pub async fn start(stores: &Stores, cluster: bool) -> Self {
        let options = ["--cluster-enabled", if cluster { "yes" } else { "no" }];
        let server = Self { redis: stores.another_redis(&options).await };
        if cluster {
            server.ask::<()>(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]).await;
            while !server.ask::<String>(&["CLUSTER", "INFO"]).await.contains("cluster_state:ok") {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        server
    }

    pub async fn version(&self) -> String {
        self.told("server", "redis_version").await
    }

    /// The memory of one key by the server's own count, without what all keys share.
    pub async fn usage(&self, value: &[u8]) -> u64 {
        let id = super::id();
        self.fill(value, std::slice::from_ref(&id)).await;
        self.ask(&["MEMORY", "USAGE", &key(&id)]).await
    }

    /// How much the server's memory grows by each of these keys. The server is empty before and after.
    pub async fn bytes_a_key(&self, value: &[u8], ids: &[SessionId]) -> f64 {
        let before = self.emptied().await;
        self.fill(value, ids).await;
        let grown = self.settled().await - before;
        self.emptied().await;
        grown as f64 / ids.len() as f64
    }

    /// The memory of a client connection that has sent what a request sends.
    pub async fn bytes_a_connection(&self, value: &[u8]) -> u64 {
        let id = super::id();
        self.fill(value, std::slice::from_ref(&id)).await;
        let before = self.settled().await;
        let mut links = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut link = self.link().await;
            let look = redis::pipe().cmd("GET").arg(key(&id)).cmd("PTTL").arg(key(&id)).to_owned();
            look.query_async::<(Vec<u8>, i64)>(&mut link).await.expect("the session");
            links.push(link);
        }
        self.settled().await.saturating_sub(before) / links.len() as u64
    }

    /// Writes sessions as `Sessions` does: a record that expires at a moment.
    async fn fill(&self, value: &[u8], ids: &[SessionId]) {
        let (mut link, until) = (self.link().await, now() + IDLE);
        for batch in ids.chunks(BATCH) {
            let mut pipeline = redis::pipe();
            for id in batch {
                let set = pipeline.cmd("SET").arg(key(id)).arg(value).arg("NX");
                set.arg("PXAT").arg(until.as_millisecond()).ignore();
            }
            pipeline.query_async::<()>(&mut link).await.expect("written keys");
        }
    }

    async fn emptied(&self) -> u64 {
        self.ask::<()>(&["FLUSHALL", "SYNC"]).await;
        self.settled().await
    }

    /// The memory the server uses once it has stopped resizing its tables.
    async fn settled(&self) -> u64 {
        let (mut last, mut same) = (0, 0);
        while same < 5 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let used = self.told("memory", "used_memory").await.parse().expect("a number");
            // Its own statistics grow by a few bytes now and then.
            same = if u64::abs_diff(used, last) < 4_096 { same + 1 } else { 0 };
            last = used;
        }
        last
    }

    async fn told(&self, section: &str, name: &str) -> String {
        let info: String = self.ask(&["INFO", section]).await;
        let found = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        found.expect("something that every server tells").trim().to_owned()
    }

    async fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        redis_command(&self.redis.url(), words).await
    }

    async fn link(&self) -> MultiplexedConnection {
        let client = Client::open(self.redis.url()).expect("a URL");
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE));
        client.get_multiplexed_async_connection_with_config(&config).await.expect("a connection")
    }
}

fn key(id: &SessionId) -> String {
    format!("session:{id}")
}
