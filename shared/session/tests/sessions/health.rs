//! Whether the stores answer.

use crate::cluster::on_a_cluster;
use session::{Health, Policy};
use testkit::{Fault, Stores};

#[tokio::test]
async fn each_store_is_told_by_itself() {
    let stores = Stores::start().await;
    let sessions = stores.sessions(Policy::default());
    assert_eq!(sessions.health().await, Health { redis: Some(true), dynamodb: true });
    stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert_eq!(sessions.health().await, Health { redis: Some(true), dynamodb: false });
    stores.dynamo_proxy.heal();
    stores.redis.as_ref().unwrap().kill9().await.unwrap();
    assert_eq!(sessions.health().await, Health { redis: Some(false), dynamodb: true });
    let alone = stores.sessions_on(None, Policy::default());
    assert_eq!(alone.health().await, Health { redis: None, dynamodb: true });
}

#[tokio::test]
async fn a_cluster_answers_like_any_redis() {
    let (_stores, cluster, sessions) = on_a_cluster().await;
    assert_eq!(sessions.health().await.redis, Some(true));
    drop(cluster);
    assert_eq!(sessions.health().await.redis, Some(false));
}

/// A Redis that refuses commands does not serve sessions.
#[tokio::test]
async fn a_redis_that_refuses_the_question_does_not_answer() {
    let stores = Stores::start().await;
    let sessions = stores.sessions(Policy::default());
    stores.redis_command::<()>(&["ACL", "SETUSER", "default", "-get"]).await;
    assert_eq!(sessions.health().await.redis, Some(false));
}
