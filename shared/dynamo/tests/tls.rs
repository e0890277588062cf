//! DynamoDB over TLS (OWASP ASVS 12.3.2).

use dynamo::{Dynamo, Error, Settings};
use testkit::{Opening, Stores, meet_certificates, tls_client};
use url::Url;

#[tokio::test]
async fn dynamodb_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    let stores = Stores::without_redis().await;
    let upstream = Url::parse(&stores.dynamo_proxy.endpoint()).unwrap().socket_addrs(|| None).unwrap()[0];
    meet_certificates(upstream, Opening::Silence, "a_client_with_a_trust_store_of_its_own").await;
}

/// Run on its own, it does nothing. A trusted DynamoDB answers, or complains about the made-up credentials.
#[tokio::test]
async fn a_client_with_a_trust_store_of_its_own() {
    let Some(server) = tls_client() else { return };
    let endpoint = Url::parse(&format!("https://127.0.0.1:{}", server.port)).unwrap();
    let config = Settings { table_prefix: "test-".to_owned(), endpoint: Some(endpoint) };
    let client = Dynamo::with(&config, &stand::sdk_config("https://127.0.0.1:1")).client;
    let asked = client.list_tables().send().await.map_err(Error::from);
    assert_eq!(asked.is_ok(), server.trusts, "{asked:?}");
    assert!(server.trusts || matches!(asked, Err(Error::Unavailable(_))), "{asked:?}");
}
