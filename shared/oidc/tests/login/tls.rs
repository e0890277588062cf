//! A provider over TLS (OWASP ASVS 12.3.2).

use crate::support::{providers, redirect_uri};
use oidc::{Endpoint, Error, Fault};
use testkit::{Opening, Provider, meet_certificates, now, tls_client};
use url::Url;

#[tokio::test]
async fn a_provider_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    let provider = Provider::start().await;
    let upstream = Url::parse(provider.issuer()).unwrap().socket_addrs(|| None).unwrap()[0];
    meet_certificates(upstream, Opening::Silence, "tls::a_client_with_a_trust_store_of_its_own").await;
}

/// Run on its own, it does nothing. A trusted provider answers for an issuer without TLS.
#[tokio::test]
async fn a_client_with_a_trust_store_of_its_own() {
    let Some(server) = tls_client() else { return };
    let variables = [
        ("OIDC_PROVIDERS", "acme".to_owned()),
        ("OIDC_ACME_ISSUER", format!("https://127.0.0.1:{}", server.port)),
        ("OIDC_ACME_CLIENT_ID", "client".to_owned()),
        ("OIDC_ACME_CLIENT_SECRET", "secret".to_owned()),
    ];
    let ours = providers(variables.map(|(name, value)| (name.to_owned(), value)).into());
    match ours.find("acme").unwrap().begin(&redirect_uri(), "/", now()).await {
        Err(Error::Failed { endpoint: Endpoint::Discovery, source: Fault::ForeignIssuer }) => assert!(server.trusts),
        Err(Error::Failed { endpoint: Endpoint::Discovery, source: Fault::Unreachable(_) }) => assert!(!server.trusts),
        other => panic!("{other:?}"),
    }
}
