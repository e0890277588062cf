//! The service that knows breached passwords, over TLS (OWASP ASVS 12.3.2).

use crate::support::{GOOD, Range, Service, hit, judge, strength};
use reason::Code;
use testkit::{Logs, Opening, TlsClient, meet_certificates};

#[tokio::test]
async fn a_service_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    let service = Service::start(Range::Lines(hit())).await;
    let upstream = service.url.trim_start_matches("http://").trim_end_matches("/range/").parse().expect("an address");
    meet_certificates(upstream, Opening::Silence, ask).await;
}

/// An untrusted service counts as one that does not answer.
async fn ask(client: TlsClient) {
    let logs = Logs::capture();
    let url = format!("https://127.0.0.1:{}/range/", client.port);
    let judged = judge(&strength(&client.variables(&[("PASSWORD_BREACH_URL", &url)])), GOOD, &[]).await;
    assert_eq!(judged, if client.trusts { Err(Code::Breached.into()) } else { Ok(()) });
    assert_eq!(logs.text().contains("cannot be reached"), !client.trusts, "{}", logs.text());
}
