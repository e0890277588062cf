//! The connection to Redis that is made before a request needs it.

use crate::support::{is_alive, log_in};
use dynamo::{Dynamo, Settings};
use session::{Hot, Policy, Sessions};
use std::{net::TcpListener, time::Duration};
use testkit::{Logs, Stores};
use tokio::time::Instant;
use trust::Roots;

#[tokio::test]
async fn requests_use_the_connection_that_was_made_ahead() {
    let stores = Stores::start().await;
    stores.account("ada").await;
    let redis = stores.redis_proxy.as_ref().unwrap();
    let sessions = stores.sessions(Policy::default());
    assert_eq!(redis.connections(), 0, "nothing is made before it is asked for");
    sessions.connect().await;
    assert_eq!(redis.connections(), 1);
    let token = log_in(&stores, &sessions, "ada").await;
    assert!(is_alive(&sessions, &token).await);
    assert_eq!(redis.connections(), 1);
    assert_eq!(redis.commands_of("GET"), 1);
}

#[tokio::test]
async fn without_redis_there_is_nothing_to_connect_to() {
    let stores = Stores::without_redis().await;
    let logs = Logs::capture();
    stores.sessions(Policy::default()).connect().await;
    assert_eq!((stores.dynamo_proxy.calls(), logs.text()), (0, String::new()));
}

/// The first request tries again, and does not wait because of what was before it.
#[tokio::test]
async fn a_redis_that_is_away_costs_one_line_and_nothing_else() {
    let mut stores = Stores::start().await;
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    stores.redis.as_ref().unwrap().kill9().await.unwrap();
    let logs = Logs::capture();
    sessions.connect().await;
    let text = logs.text();
    assert_eq!((text.lines().count(), text.contains("Redis was not reached at the start")), (1, true), "{text}");
    stores.redis.as_mut().unwrap().restart().await.unwrap();
    let token = log_in(&stores, &sessions, "ada").await;
    let calls = stores.dynamo_proxy.calls();
    assert!(is_alive(&sessions, &token).await);
    assert_eq!(stores.dynamo_proxy.calls(), calls, "Redis knows the session");
}

/// It takes connections and says nothing. The clock moves only while everything waits.
#[tokio::test(start_paused = true)]
async fn a_redis_that_hangs_is_waited_for_half_a_second() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = silent.local_addr().unwrap();
    let settings = Settings { table_prefix: String::new(), endpoint: None };
    for member in ["", "?cluster=true"] {
        let hot = Hot::at(&format!("redis://{address}/{member}"), &Roots::default()).unwrap();
        let dynamo = Dynamo::with(&settings, &stand::sdk_config("http://127.0.0.1:1"));
        let (sessions, begun) = (Sessions::new(Policy::default(), Some(hot), dynamo), Instant::now());
        sessions.connect().await;
        assert!(begun.elapsed() <= Duration::from_millis(500), "{member}: {:?}", begun.elapsed());
    }
}
