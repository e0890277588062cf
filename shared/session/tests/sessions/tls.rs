//! Redis over TLS: it is trusted if the machine's trust store, or `SSL_CERT_FILE` in its place, knows the signer of its
//! certificate, and not otherwise (OWASP ASVS 12.3.1, 12.3.2).

use crate::support::{is_alive, log_in};
use session::{Error, Policy};
use std::{net::TcpListener, path::Path};
use testkit::{Authority, RedisCluster, Stores, again, now};

/// Tell [`a_client_with_a_trust_store_of_its_own`] that a test beside it started it, and what to expect.
const URL: &str = "SESSION_TEST_REDIS_URL";
const TRUSTS: &str = "SESSION_TEST_TRUSTS_IT";

/// Runs the other half of these tests in a process whose trust store is `trusted`.
fn a_client_trusting(trusted: Option<&Path>, url: &str, trusts: bool) {
    let variables = [(URL, url), (TRUSTS, if trusts { "true" } else { "false" })];
    again("tls::a_client_with_a_trust_store_of_its_own", trusted, &variables);
}

/// Run on its own, it does nothing.
#[tokio::test]
async fn a_client_with_a_trust_store_of_its_own() {
    let (Ok(url), Ok(trusts)) = (std::env::var(URL), std::env::var(TRUSTS)) else { return };
    let stores = Stores::without_redis().await;
    stores.account("ada").await;
    let sessions = stores.sessions_on(Some(&url), Policy::default());
    let token = log_in(&stores, &sessions, "ada").await;
    let calls = stores.dynamo_proxy.calls();
    assert!(is_alive(&sessions, &token).await);
    let ended = sessions.revoke(&token, now()).await;
    if trusts == "true" {
        assert!(ended.unwrap().is_some());
        assert_eq!(stores.dynamo_proxy.calls() - calls, 2, "the hot path, then a logout");
    } else {
        assert!(matches!(ended, Err(Error::Unfinished(_))), "{ended:?}");
    }
    assert!(!is_alive(&sessions, &token).await);
}

#[tokio::test]
async fn a_server_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    let (own, foreign) = (Authority::with_a_server_named("127.0.0.1"), Authority::with_a_server_named("127.0.0.1"));
    let misnamed = Authority::with_a_server_named("redis.example.com");
    for (authority, trusted, trusts) in [
        (&own, Some(own.file("ca.pem")), true),
        (&own, Some(foreign.file("ca.pem")), false),
        (&own, None, false),
        (&misnamed, Some(misnamed.file("ca.pem")), false),
    ] {
        let stores = Stores::without_redis().await;
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string();
        let options = authority.redis_options();
        let options: Vec<_> = options.iter().map(String::as_str).chain(["--tls-port", &port]).collect();
        let _redis = stores.another_redis(&options).await;
        a_client_trusting(trusted.as_deref(), &format!("rediss://127.0.0.1:{port}/"), trusts);
    }
}

#[tokio::test]
async fn a_cluster_is_trusted_node_by_node() {
    let own = Authority::with_a_server_named("127.0.0.1");
    let options = own.redis_options();
    let cluster = RedisCluster::start_with_tls(&options.iter().map(String::as_str).collect::<Vec<_>>()).await;
    a_client_trusting(Some(&own.file("ca.pem")), &cluster.url(), true);
    a_client_trusting(None, &cluster.url(), false);
}
