//! The service that knows breached passwords, over TLS (OWASP ASVS 12.3.2).

use crate::support::{GOOD, Range, Service, hit, judge, strength};
use strength::Weakness;
use testkit::{Logs, Opening, meet_certificates, tls_client};

#[tokio::test]
async fn a_service_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    let service = Service::start(Range::Lines(hit())).await;
    let upstream = service.url.trim_start_matches("http://").trim_end_matches("/range/").parse().expect("an address");
    meet_certificates(upstream, Opening::Silence, "tls::a_client_with_a_trust_store_of_its_own").await;
}

/// Run on its own, it does nothing. An untrusted service counts as one that does not answer.
#[tokio::test]
async fn a_client_with_a_trust_store_of_its_own() {
    let Some(server) = tls_client() else { return };
    let logs = Logs::capture();
    let url = format!("https://127.0.0.1:{}/range/", server.port);
    let judged = judge(&strength(&[("PASSWORD_BREACH_URL", &url)]), GOOD, &[]).await;
    assert_eq!(judged, if server.trusts { Err(Weakness::Breached) } else { Ok(()) });
    assert_eq!(logs.text().contains("cannot be reached"), !server.trusts, "{}", logs.text());
}
