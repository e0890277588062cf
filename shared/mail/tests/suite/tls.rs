//! A mail server over TLS (OWASP ASVS 12.3.2).

use crate::{ADA, read};
use locale::Locale;
use mail::{Error, Mail, Stage};
use testkit::{MailServer, Opening, TlsClient, meet_certificates, then};

#[tokio::test]
async fn a_server_is_trusted_when_its_authority_is_and_its_name_is_its_own() {
    for (opening, options, refused_at) in [
        (Opening::Silence, ("smtps", ""), Stage::Connect),
        (Opening::StartTls, ("smtp", "?tls=required"), Stage::Encrypt),
    ] {
        let server = MailServer::start().await;
        let upstream = server.url().trim_start_matches("smtp://").parse().unwrap();
        meet_certificates(upstream, opening, async |client| send(client, options, refused_at).await).await;
        assert_eq!(server.mails().len(), 2, "from the client that trusts it");
    }
}

/// Two mails: the second is sent with the TLS that was made for the first.
async fn send(client: TlsClient, (scheme, member): (&str, &str), refused_at: Stage) {
    let url = format!("{scheme}://127.0.0.1:{}{member}", client.port);
    let variables = [
        ("SMTP_URL", &*url),
        ("MAIL_FROM", "login@example.com"),
        ("APP_URL", "https://app.example.com"),
        ("PUBLIC_URL", "https://app.example.com/auth"),
    ];
    let sender = read(&client.variables(&variables)).unwrap();
    for _ in 0..2 {
        match sender.send(ADA, Locale::En, Mail::Known, then()).await {
            Ok(()) => assert!(client.trusts),
            Err(Error::Broken { stage, .. }) if stage == refused_at => assert!(!client.trusts),
            other => panic!("{other:?}"),
        }
    }
}
