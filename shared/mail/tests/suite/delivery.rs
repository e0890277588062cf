//! Servers that refuse, hang, break off or do not exist.

use crate::{ADA, send, sender};
use locale::Locale;
use mail::{Error, Mail, Stage};
use testkit::{MailFault, MailServer, MailStep, then};

const STEPS: [(MailStep, Stage); 6] = [
    (MailStep::Greeting, Stage::Connect),
    (MailStep::Hello, Stage::Connect),
    (MailStep::Sender, Stage::Sender),
    (MailStep::Recipient, Stage::Recipient),
    (MailStep::Data, Stage::Content),
    (MailStep::End, Stage::Content),
];

#[tokio::test]
async fn a_refusal_may_be_a_setting_and_is_tried_again() {
    let server = MailServer::start().await;
    for (step, stage) in STEPS {
        for code in [421, 451, 550, 554] {
            server.break_next(step, MailFault::Refuse(code));
            let error = send(&server, ADA).await.unwrap_err();
            assert!(
                matches!(error, Error::Refused { stage: at, code: told } if at == stage && told == code),
                "{step:?}: {error:?}"
            );
            assert!(!error.is_permanent());
        }
    }
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_server_that_breaks_off_is_tried_again() {
    let server = MailServer::start().await;
    for (step, stage) in STEPS {
        server.break_next(step, MailFault::Close);
        let error = send(&server, ADA).await.unwrap_err();
        assert!(matches!(error, Error::Broken { stage: at, .. } if at == stage), "{step:?}: {error:?}");
        assert!(!error.is_permanent());
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_is_left_after_ten_seconds() {
    let server = MailServer::start().await;
    for (step, _) in STEPS {
        server.break_next(step, MailFault::Hang);
        let begun = tokio::time::Instant::now();
        let error = send(&server, ADA).await.unwrap_err();
        assert!(!error.is_permanent(), "{error:?}");
        assert_eq!(begun.elapsed().as_secs(), 10, "{step:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_tried_again() {
    let mut server = MailServer::start().await;
    server.stop().await;
    let error = send(&server, ADA).await.unwrap_err();
    assert!(matches!(error, Error::Broken { stage: Stage::Connect, .. }) && !error.is_permanent(), "{error:?}");
}

/// Servers repeat the address that they got, and this one does.
#[tokio::test]
async fn no_error_repeats_what_the_server_said() {
    let server = MailServer::start().await;
    for (step, _) in STEPS {
        server.break_next(step, MailFault::Refuse(550));
        let error = send(&server, ADA).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("ada"), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_without_starttls_is_told_nothing_where_that_is_demanded() {
    let server = MailServer::start().await;
    let url = format!("{}?tls=required", server.url());
    let outcome = sender(&server, &[("SMTP_URL", &url)]).send(ADA, Locale::En, Mail::Known, then()).await;
    assert!(matches!(outcome, Err(Error::Broken { stage: Stage::Encrypt, .. })), "{outcome:?}");
    assert!(server.commands().iter().all(|command| command.starts_with("EHLO")), "{:?}", server.commands());
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_is_told_nothing_where_that_is_the_scheme() {
    let server = MailServer::start().await;
    let url = server.url().replace("smtp:", "smtps:");
    let outcome = sender(&server, &[("SMTP_URL", &url)]).send(ADA, Locale::En, Mail::Known, then()).await;
    assert!(matches!(outcome, Err(Error::Broken { stage: Stage::Connect, .. })), "{outcome:?}");
    assert!(server.commands().iter().all(|command| !command.contains("EHLO")), "{:?}", server.commands());
}

#[tokio::test]
async fn a_user_and_a_password_are_told_as_they_are_meant() {
    let server = MailServer::start().await;
    server.offer(&["AUTH PLAIN"]);
    let url = server.url().replace("//", "//ada%40x:p%2Bq%26r@");
    sender(&server, &[("SMTP_URL", &url)]).send(ADA, Locale::En, Mail::Known, then()).await.unwrap();
    // base64 of "\0ada@x\0p+q&r"
    assert!(server.commands().contains(&"AUTH PLAIN AGFkYUB4AHArcSZy".to_owned()), "{:?}", server.commands());
}

#[tokio::test]
async fn credentials_that_are_refused_are_tried_again() {
    let server = MailServer::start().await;
    server.offer(&["AUTH PLAIN"]);
    server.break_next(MailStep::Authentication, MailFault::Refuse(535));
    let url = server.url().replace("//", "//ada:secret@");
    let outcome = sender(&server, &[("SMTP_URL", &url)]).send(ADA, Locale::En, Mail::Known, then()).await;
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::Refused { stage: Stage::Authenticate, code: 535 }), "{error:?}");
    assert!(!error.is_permanent());
}
