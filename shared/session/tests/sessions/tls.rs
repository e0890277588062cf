//! Redis over TLS: it is trusted if the signer of its certificate is one of Mozilla's authorities, or is in the file that
//! takes their place, and not otherwise (OWASP ASVS 12.3.1, 12.3.2).

use crate::support::{is_alive, log_in};
use environment::Environment;
use session::{Error, Sessions};
use std::net::TcpListener;
use testkit::{RedisCluster, Stores, TlsClient, meetings, now};

/// A login, a request on the hot path, and a logout, through the Redis at `url`.
async fn a_session_lives_and_ends(client: &TlsClient, url: &str) {
    let stores = Stores::without_redis().await;
    stores.account("ada").await;
    let mut environment = Environment::of(client.variables(&[("REDIS_URL", url)]));
    let sessions = Sessions::from_environment(&mut environment, &stores.dynamo());
    let sessions = environment.finish(Some(sessions)).expect("usable settings");
    let token = log_in(&stores, &sessions, "ada").await;
    let calls = stores.dynamo_proxy.calls();
    assert!(is_alive(&sessions, &token).await);
    let ended = sessions.revoke(&token, now()).await;
    if client.trusts {
        assert!(ended.unwrap().is_some());
        assert_eq!(stores.dynamo_proxy.calls() - calls, 2, "the hot path, then a logout");
    } else {
        assert!(matches!(ended, Err(Error::Unfinished(_))), "{ended:?}");
    }
    assert!(!is_alive(&sessions, &token).await);
}

#[tokio::test]
async fn a_server_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    let stores = Stores::without_redis().await;
    for meeting in meetings() {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let (options, text) = (meeting.server.redis_options(), port.to_string());
        let options: Vec<_> = options.iter().map(String::as_str).chain(["--tls-port", &text]).collect();
        let _redis = stores.another_redis(&options).await;
        a_session_lives_and_ends(&meeting.client(port), &format!("rediss://127.0.0.1:{port}/")).await;
    }
}

#[tokio::test]
async fn a_cluster_is_trusted_node_by_node() {
    let [own, _, unnamed, ..] = meetings();
    let options = own.server.redis_options();
    let cluster = RedisCluster::start_with_tls(&options.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for meeting in [own, unnamed] {
        a_session_lives_and_ends(&meeting.client(0), &cluster.url()).await;
    }
}
