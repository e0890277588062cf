//! A mail server over TLS (OWASP ASVS 12.3.2).

use crate::{ADA, read};
use mail::{Error, Mail, Stage};
use outbox::Locale;
use testkit::{MailServer, Opening, meet_certificates, then, tls_client};

#[tokio::test]
async fn a_server_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    for (opening, client) in [
        (Opening::Silence, "tls::a_client_that_begins_with_tls"),
        (Opening::StartTls, "tls::a_client_that_demands_starttls"),
    ] {
        let server = MailServer::start().await;
        let upstream = server.url().trim_start_matches("smtp://").parse().unwrap();
        meet_certificates(upstream, opening, client).await;
        assert_eq!(server.mails().len(), 1, "from the client that trusts it");
    }
}

/// Run on its own, it does nothing.
#[tokio::test]
async fn a_client_that_begins_with_tls() {
    let Some(server) = tls_client() else { return };
    send(&format!("smtps://127.0.0.1:{}", server.port), server.trusts, Stage::Connect).await;
}

/// Run on its own, it does nothing.
#[tokio::test]
async fn a_client_that_demands_starttls() {
    let Some(server) = tls_client() else { return };
    send(&format!("smtp://127.0.0.1:{}?tls=required", server.port), server.trusts, Stage::Encrypt).await;
}

async fn send(url: &str, trusts: bool, refused_at: Stage) {
    let variables = [("SMTP_URL", url), ("MAIL_FROM", "login@example.com"), ("APP_URL", "https://app.example.com")];
    match read(&variables).unwrap().send(ADA, Locale::En, Mail::Known, then()).await {
        Ok(()) => assert!(trusts),
        Err(Error::Broken { stage, .. }) if stage == refused_at => assert!(!trusts),
        other => panic!("{other:?}"),
    }
}
