//! DynamoDB over TLS (OWASP ASVS 12.3.2).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use dynamo::{Connections, Dynamo, Error, Settings};
use testkit::{Opening, Stores, TlsClient, meet_certificates};
use url::Url;

#[tokio::test]
async fn dynamodb_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    let stores = Stores::without_redis().await;
    let upstream = Url::parse(&stores.dynamo_proxy.endpoint()).unwrap().socket_addrs(|| None).unwrap()[0];
    meet_certificates(upstream, Opening::Silence, ask).await;
}

/// A trusted DynamoDB answers.
async fn ask(client: TlsClient) {
    let endpoint = Url::parse(&format!("https://127.0.0.1:{}", client.port)).unwrap();
    let config = Settings { table_prefix: "test-".to_owned(), endpoint: Some(endpoint) };
    let shared = stand::sdk_config("https://127.0.0.1:1").into_builder();
    let shared = shared.http_client(Connections::new(client.roots())).build();
    let asked = Dynamo::with(&config, &shared).client().list_tables().send().await.map_err(Error::from);
    assert_eq!(asked.is_ok(), client.trusts, "{asked:?}");
    assert!(client.trusts || matches!(asked, Err(Error::Unavailable(_))), "{asked:?}");
}
