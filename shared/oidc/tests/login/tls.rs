//! A provider over TLS (OWASP ASVS 12.3.2).

use crate::support::{providers, redirect_uri};
use oidc::{Endpoint, Error, Fault};
use testkit::{Opening, Provider, TlsClient, meet_certificates, now};
use url::Url;

#[tokio::test]
async fn a_provider_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    let provider = Provider::start().await;
    let upstream = Url::parse(provider.issuer()).unwrap().socket_addrs(|| None).unwrap()[0];
    meet_certificates(upstream, Opening::Silence, begin).await;
}

/// A trusted provider answers for an issuer without TLS.
async fn begin(client: TlsClient) {
    let issuer = format!("https://127.0.0.1:{}", client.port);
    let variables = [
        ("OIDC_PROVIDERS", "acme"),
        ("OIDC_ACME_ISSUER", &issuer),
        ("OIDC_ACME_CLIENT_ID", "client"),
        ("OIDC_ACME_CLIENT_SECRET", "secret"),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let ours = providers(client.variables(&variables).into_iter().map(owned).collect());
    match ours.find("acme").expect("the provider").begin(&redirect_uri(), "/", now()).await {
        Err(Error::Failed { endpoint: Endpoint::Discovery, source: Fault::ForeignIssuer }) => assert!(client.trusts),
        Err(Error::Failed { endpoint: Endpoint::Discovery, source: Fault::Unreachable(_) }) => assert!(!client.trusts),
        other => panic!("{other:?}"),
    }
}
