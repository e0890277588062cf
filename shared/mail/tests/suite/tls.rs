//! A mail server over TLS (OWASP ASVS 12.3.2).

use crate::{ADA, read};
use mail::{Error, Mail, Stage};
use outbox::Locale;
use testkit::{MailServer, meet_certificates, then, tls_client};

#[tokio::test]
async fn a_server_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    let server = MailServer::start().await;
    let upstream = server.url().trim_start_matches("smtp://").parse().unwrap();
    meet_certificates(upstream, "tls::a_client_with_a_trust_store_of_its_own").await;
    assert_eq!(server.mails().len(), 1, "from the client that trusts it");
}

/// On its own it has nothing to do.
#[tokio::test]
async fn a_client_with_a_trust_store_of_its_own() {
    let Some(server) = tls_client() else { return };
    let url = format!("smtps://127.0.0.1:{}", server.port);
    let variables = [("SMTP_URL", &*url), ("MAIL_FROM", "login@example.com"), ("APP_URL", "https://app.example.com")];
    match read(&variables).unwrap().send(ADA, Locale::En, Mail::Known, then()).await {
        Ok(()) => assert!(server.trusts),
        Err(Error::Broken { stage: Stage::Connect, .. }) => assert!(!server.trusts),
        other => panic!("{other:?}"),
    }
}
