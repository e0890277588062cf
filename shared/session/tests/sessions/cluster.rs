//! Redis as a cluster of three nodes: each key may be on another node, and slots move.

use crate::support::{DUE, ago, is_alive, key, log_in, log_in_at};
use session::{Error, Policy, Sessions, Slide, Token};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};
use testkit::{RedisCluster, Stores, now};

/// Far longer than a function may take: a call that exceeds it hangs.
const FOREVER: Duration = Duration::from_secs(10);

pub async fn on_a_cluster() -> (Stores, RedisCluster, Sessions) {
    let (stores, cluster) = tokio::join!(Stores::without_redis(), RedisCluster::start());
    stores.account("ada").await;
    let sessions = stores.sessions_on(Some(&cluster.url()), Policy::default());
    (stores, cluster, sessions)
}

/// Ada's sessions, at least one on every node; each with its node.
async fn on_every_node(stores: &Stores, cluster: &RedisCluster, sessions: &Sessions) -> Vec<(Token, usize)> {
    let mut tokens = Vec::new();
    for _ in 0..Policy::default().per_user {
        let token = log_in(stores, sessions, "ada").await;
        let owner = cluster.owner(&key(&token)).await;
        tokens.push((token, owner));
        if tokens.len() >= 6 && tokens.iter().map(|(_, owner)| owner).collect::<HashSet<_>>().len() == 3 {
            return tokens;
        }
    }
    panic!("twenty keys are on less than three nodes");
}

async fn hot(cluster: &RedisCluster, token: &Token) -> Option<String> {
    let copy: Option<Vec<u8>> = cluster.command(&["GET", &key(token)]).await;
    copy.map(|copy| String::from_utf8_lossy(&copy).into_owned())
}

#[tokio::test]
async fn a_session_lives_on_a_cluster_as_anywhere() {
    let (stores, cluster, sessions) = on_a_cluster().await;
    let token = log_in_at(&stores, &sessions, "ada", ago(DUE)).await;
    let at = now();
    assert!(sessions.authenticate(&token, Slide::Yes, at).await.unwrap().unwrap().renewed);
    let expiry: i64 = cluster.command(&["PEXPIRETIME", &key(&token)]).await;
    assert_eq!(expiry, (at + Policy::default().idle).as_millisecond());
    let calls = stores.dynamo_proxy.calls();
    assert!(!sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
    assert_eq!(stores.dynamo_proxy.calls(), calls, "the hot path");
    cluster.command::<()>(&["DEL", &key(&token)]).await;
    assert!(is_alive(&sessions, &token).await && hot(&cluster, &token).await.is_some(), "restored");
    assert!(sessions.revoke(&token, now()).await.unwrap().is_some());
    assert_eq!(hot(&cluster, &token).await.as_deref(), Some("!"));
    assert!(!is_alive(&sessions, &token).await);
}

#[tokio::test]
async fn signing_out_everywhere_buries_the_sessions_on_every_node() {
    let (stores, cluster, sessions) = on_a_cluster().await;
    let tokens = on_every_node(&stores, &cluster, &sessions).await;
    let ended = sessions.revoke_all(&tokens[0].0, now()).await.unwrap().unwrap();
    assert_eq!(ended.sessions, tokens.len());
    for (token, _) in &tokens {
        assert_eq!(hot(&cluster, token).await.as_deref(), Some("!"));
        assert!(!is_alive(&sessions, token).await);
    }
    assert!(stores.stored_account("ada").await.sessions.is_empty());
}

#[tokio::test]
async fn without_one_node_its_sessions_are_served_from_their_rows_and_end_when_it_is_back() {
    let (stores, mut cluster, sessions) = on_a_cluster().await;
    let tokens = on_every_node(&stores, &cluster, &sessions).await;
    let (there, elsewhere): (Vec<_>, Vec<_>) = tokens.iter().partition(|(_, owner)| *owner == 1);
    let started = Instant::now();
    cluster.nodes[1].kill9().await.unwrap();
    for (token, _) in &tokens {
        assert!(is_alive(&sessions, token).await);
    }
    assert!(sessions.revoke(&elsewhere[0].0, now()).await.unwrap().is_some(), "its node is there");
    for answer in [
        sessions.revoke(&there[0].0, now()).await.map(drop),
        sessions.revoke_all(&elsewhere[1].0, now()).await.map(drop),
    ] {
        assert!(matches!(answer, Err(Error::Unfinished(_))), "{answer:?}");
    }
    assert!(started.elapsed() < 3 * FOREVER, "{:?}", started.elapsed());
    assert!(!is_alive(&sessions, &there[0].0).await, "its row says so");
    cluster.nodes[1].restart().await.unwrap();
    let deadline = Instant::now() + 2 * FOREVER;
    while sessions.revoke_all(&elsewhere[1].0, now()).await.is_err() {
        assert!(Instant::now() < deadline, "the node is back, and the repeat does not finish");
    }
    for (token, _) in &tokens {
        assert!(!is_alive(&sessions, token).await);
    }
    assert!(stores.stored_account("ada").await.sessions.is_empty());
}

#[tokio::test]
async fn sessions_live_and_end_while_their_slot_moves() {
    let (stores, cluster, sessions) = on_a_cluster().await;
    for moment in ["before its key moved", "after its key moved", "after its slot moved"] {
        let (stays, ends) = (log_in(&stores, &sessions, "ada").await, log_in(&stores, &sessions, "ada").await);
        for token in [&stays, &ends] {
            let (key, owner) = (key(token), cluster.owner(&key(token)).await);
            let (slot, to) = (cluster.slot(&key).await, (owner + 1) % 3);
            cluster.start_moving(slot, owner, to).await;
            if moment != "before its key moved" {
                assert!(is_alive(&sessions, token).await, "on its way");
                cluster.move_key(&key, owner, to).await;
            }
            if moment == "after its slot moved" {
                assert!(is_alive(&sessions, token).await, "half way");
                cluster.finish_moving(slot, owner, to).await;
            }
            assert!(is_alive(&sessions, token).await, "{moment}");
        }
        let deadline = Instant::now() + FOREVER;
        while sessions.revoke(&ends, now()).await.is_err() {
            assert!(Instant::now() < deadline, "{moment}: the logout does not finish");
        }
        assert!(!is_alive(&sessions, &ends).await, "{moment}");
        assert!(is_alive(&sessions, &stays).await, "{moment}");
    }
}
