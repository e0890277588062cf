//! The rights that the deployment gives the functions at the cache (`infra/cache.yaml`) are enough for everything they
//! do there, and each of them is needed.

use crate::support::{DUE, ago, is_alive, key, log_in, log_in_at};
use redis::Value;
use session::{Policy, Sessions, Slide};
use testkit::{RedisCluster, Stores, now};

/// The command by which the client introduces itself; it does not wait for an answer.
const INTRODUCTION: &str = "client|setinfo";

/// The user's rights, as the template has them: the words of `ACL SETUSER`, which ElastiCache takes too.
fn rights() -> Vec<&'static str> {
    let template = include_str!("../../../../infra/cache.yaml");
    let line = template.lines().find_map(|line| line.trim().strip_prefix("AccessString: ")).unwrap();
    line.split(' ').collect()
}

struct Scene {
    stores: Stores,
    cluster: RedisCluster,
    sessions: Sessions,
}

impl Scene {
    async fn with(rights: &[&str]) -> Self {
        let (stores, cluster) = tokio::join!(Stores::without_redis(), RedisCluster::start());
        let user = [&["ACL", "SETUSER", "functions", ">Password1"], rights].concat();
        for node in 0..cluster.nodes.len() {
            cluster.ask::<()>(node, &user).await;
        }
        stores.account("ada").await;
        let url = cluster.url().replace("redis://", "redis://functions:Password1@");
        let sessions = stores.sessions_on(Some(&url), Policy::default());
        Self { stores, cluster, sessions }
    }

    /// Everything that is ever asked of Redis.
    async fn everything(&self) {
        let Self { stores, cluster, sessions } = self;
        let due = log_in_at(stores, sessions, "ada", ago(DUE)).await;
        let token = log_in(stores, sessions, "ada").await;
        // If Redis refuses, the rows answer: the servers' log shows a refusal, these answers do not.
        for (slide, session) in [(Slide::Yes, &due), (Slide::No, &token)] {
            assert!(sessions.authenticate(session, slide, now()).await.unwrap().is_some());
        }
        let (key, owner) = (key(&token), cluster.owner(&key(&token)).await);
        let (slot, to) = (cluster.slot(&key).await, (owner + 1) % 3);
        cluster.start_moving(slot, owner, to).await;
        cluster.move_key(&key, owner, to).await;
        assert!(is_alive(sessions, &token).await);
        cluster.finish_moving(slot, owner, to).await;
        sessions.health().await;
        let _ = sessions.revoke(&token, now()).await;
    }

    /// What the servers refused to the functions.
    async fn refused(&self) -> Vec<String> {
        let mut refused = Vec::new();
        for node in 0..self.cluster.nodes.len() {
            for entry in self.cluster.ask::<Vec<Value>>(node, &["ACL", "LOG"]).await {
                let entry = format!("{entry:?}");
                refused.extend((!entry.contains(INTRODUCTION)).then_some(entry));
            }
        }
        refused
    }
}

#[tokio::test]
async fn the_rights_of_the_functions_at_the_cache_are_enough() {
    let scene = Scene::with(&rights()).await;
    scene.everything().await;
    assert_eq!(scene.refused().await, Vec::<String>::new());
}

#[tokio::test]
async fn no_right_of_the_functions_at_the_cache_is_too_much() {
    for right in rights().into_iter().filter(|right| right.starts_with('+')) {
        let fewer: Vec<_> = rights().into_iter().filter(|other| *other != right).collect();
        let scene = Scene::with(&fewer).await;
        scene.everything().await;
        assert!(!scene.refused().await.is_empty(), "nobody needs {right}");
    }
}

#[tokio::test]
async fn nothing_but_sessions_can_be_reached_with_them() {
    let scene = Scene::with(&rights()).await;
    let url = scene.cluster.nodes[0].url().replace("redis://", "redis://functions:Password1@");
    let client = redis::Client::open(url).unwrap();
    let mut link = client.get_multiplexed_async_connection().await.unwrap();
    for words in [&["GET", "other"][..], &["DEL", "session:a"], &["FLUSHALL"], &["KEYS", "*"], &["CONFIG", "GET", "*"]]
    {
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        let answer: redis::RedisResult<Value> = command.query_async(&mut link).await;
        assert_eq!(answer.unwrap_err().code(), Some("NOPERM"), "{words:?}");
    }
}
