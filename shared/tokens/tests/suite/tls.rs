//! AWS KMS over TLS (OWASP ASVS 12.3.2).

use crate::support::{Table, at, mint};
use dynamo::Connections;
use testkit::{KeyService, Opening, TlsClient, meet_certificates};
use tokens::{Error, Kms, WrapError};

/// Each instance needs KMS for its first token: to wrap the key that signs, or to unwrap it.
#[tokio::test]
async fn kms_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    let (table, kms) = (Table::new().await, KeyService::start().await);
    let (arn, config) = (kms.key(), kms.sdk_config());
    let mints = async |client: TlsClient| {
        let shared = config.to_builder().endpoint_url(format!("https://127.0.0.1:{}", client.port));
        let kms = Kms::with(&shared.http_client(Connections::new(client.roots())).build());
        match mint(&table.tokens(&[("SIGNING_KEY_WRAP", &arn)]).with(kms), at("2031-05-06T07:08:09Z")).await {
            Ok(_) => assert!(client.trusts),
            Err(Error::Wrap(WrapError::Kms(_))) => assert!(!client.trusts),
            Err(other) => panic!("{other:?}"),
        }
    };
    let upstream = config.endpoint_url().expect("an address").trim_start_matches("http://").parse();
    meet_certificates(upstream.expect("an address"), Opening::Silence, mints).await;
}
