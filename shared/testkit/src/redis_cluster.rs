use crate::redis_command;
use redis::cluster::ClusterClient;
use stand::Redis;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Three real Redis masters that share the slots, without replicas. They stop when it is dropped.
pub struct RedisCluster {
    /// The masters, in the order of their slots.
    pub nodes: Vec<Redis>,
    /// The options of the servers' command lines; with TLS, also the ports for it.
    options: Vec<String>,
    tls_ports: Vec<u16>,
    directory: TempDir,
}

const SLOTS: usize = 16_384;
const NODES: usize = 3;

impl RedisCluster {
    /// A cluster in which every slot is served.
    pub async fn start() -> Self {
        Self::start_with(&[], Vec::new()).await
    }

    /// Like [`start`](Self::start), with TLS between the nodes and on an extra port for clients. `options` of the
    /// servers' command lines name the certificate.
    pub async fn start_with_tls(options: &[&str]) -> Self {
        Self::start_with(options, std::iter::repeat_with(free_port).take(NODES).collect()).await
    }

    async fn start_with(options: &[&str], tls_ports: Vec<u16>) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let options = options.iter().map(ToString::to_string).collect();
        let mut cluster = Self { nodes: Vec::new(), options, tls_ports, directory };
        for number in 0..NODES {
            let node = cluster.node(number).await;
            cluster.nodes.push(node);
        }
        cluster.assign_slots().await;
        cluster.is_whole().await;
        cluster
    }

    /// The value for `REDIS_URL`.
    pub fn url(&self) -> String {
        match self.tls_ports.first() {
            Some(port) => format!("rediss://127.0.0.1:{port}/?cluster=true"),
            None => format!("{}?cluster=true", self.nodes[0].url()),
        }
    }

    /// Sends the command to the node that has its first key.
    pub async fn command<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let client = ClusterClient::new(self.nodes.iter().map(Redis::url)).expect("the nodes' URLs");
        let mut link = client.get_async_connection().await.expect("a connection to the cluster");
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.query_async(&mut link).await.expect("an answer from the cluster")
    }

    /// Sends the command to one node.
    pub async fn ask<T: redis::FromRedisValue>(&self, node: usize, words: &[&str]) -> T {
        redis_command(&self.nodes[node].url(), words).await
    }

    /// The slot of a key.
    pub async fn slot(&self, key: &str) -> usize {
        self.ask(0, &["CLUSTER", "KEYSLOT", key]).await
    }

    /// The node that was given the slot of a key at the start.
    pub async fn owner(&self, key: &str) -> usize {
        let slot = self.slot(key).await;
        (0..NODES).position(|number| Self::slots(number).contains(&slot)).expect("a slot that somebody has")
    }

    /// Returns when every node knows every other, and all slots are served.
    pub async fn is_whole(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        for node in 0..NODES {
            loop {
                let info: String = self.ask(node, &["CLUSTER", "INFO"]).await;
                let nodes: String = self.ask(node, &["CLUSTER", "NODES"]).await;
                let has = |line: &str| info.lines().any(|found| found.trim() == line);
                if has("cluster_state:ok")
                    && has("cluster_slots_ok:16384")
                    && nodes.matches(" connected ").count() == NODES
                {
                    break;
                }
                assert!(Instant::now() < deadline, "the cluster is not whole: {info}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// Starts moving a slot to another node: from now on the old node redirects clients to the new one for keys that it
    /// does not have.
    pub async fn start_moving(&self, slot: usize, from: usize, to: usize) {
        let ids = [self.id(from).await, self.id(to).await];
        self.ask::<()>(to, &["CLUSTER", "SETSLOT", &slot.to_string(), "IMPORTING", &ids[0]]).await;
        self.ask::<()>(from, &["CLUSTER", "SETSLOT", &slot.to_string(), "MIGRATING", &ids[1]]).await;
    }

    /// Moves a key of a slot that is being moved.
    pub async fn move_key(&self, key: &str, from: usize, to: usize) {
        let port = self.nodes[to].port().to_string();
        self.ask::<()>(from, &["MIGRATE", "127.0.0.1", &port, key, "0", "5000"]).await;
    }

    /// Gives the slot to its new node; the old and the new one tell the others.
    pub async fn finish_moving(&self, slot: usize, from: usize, to: usize) {
        let id = self.id(to).await;
        for node in [to, from] {
            self.ask::<()>(node, &["CLUSTER", "SETSLOT", &slot.to_string(), "NODE", &id]).await;
        }
    }

    async fn id(&self, node: usize) -> String {
        self.ask(node, &["CLUSTER", "MYID"]).await
    }

    async fn node(&self, number: usize) -> Redis {
        let file = format!("nodes-{number}.conf");
        let tls_port = self.tls_ports.get(number).map(u16::to_string);
        let mut options =
            vec!["--cluster-enabled", "yes", "--cluster-config-file", &file, "--cluster-node-timeout", "1000"];
        // As in managed clusters: if a node is gone, only its own slots are.
        options.extend(["--cluster-require-full-coverage", "no"]);
        options.extend(self.options.iter().map(String::as_str));
        if let Some(port) = &tls_port {
            options.extend(["--tls-cluster", "yes", "--tls-port", port]);
        }
        // If the bus port is taken or out of range, the server does not start; another free port is tried.
        Redis::start_with(self.directory.path(), None, &options).await.expect("redis-server")
    }

    async fn assign_slots(&self) {
        for number in 0..NODES {
            let slots = Self::slots(number);
            let (first, last) = (slots.start.to_string(), (slots.end - 1).to_string());
            self.ask::<()>(number, &["CLUSTER", "ADDSLOTSRANGE", &first, &last]).await;
            self.ask::<()>(number, &["CLUSTER", "SET-CONFIG-EPOCH", &(number + 1).to_string()]).await;
        }
        for number in 1..NODES {
            let port = self.tls_ports.get(number).copied().unwrap_or_else(|| self.nodes[number].port());
            self.ask::<()>(0, &["CLUSTER", "MEET", "127.0.0.1", &port.to_string()]).await;
        }
    }

    fn slots(number: usize) -> std::ops::Range<usize> {
        number * SLOTS / NODES..(number + 1) * SLOTS / NODES
    }
}

/// A port that is free now, and low enough that adding ten thousand for the cluster's bus stays in range.
fn free_port() -> u16 {
    let ports = std::iter::repeat_with(|| {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener.local_addr().expect("its address").port()
    });
    ports.into_iter().find(|port| *port < u16::MAX - 10_000).expect("an endless search")
}
