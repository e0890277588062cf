//! What a server says about a recipient (RFC 3463): either the address is wrong, or a setting of ours or of the server.

use crate::{ADA, read};
use locale::Locale;
use mail::{Error, Mail, Stage};
use testkit::then;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

/// The error of a mail when the server gives this reply to its recipient.
async fn told(reply: &str) -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let variables = [
        ("SMTP_URL", &*url),
        ("MAIL_FROM", "login@example.com"),
        ("APP_URL", "https://app.example.com"),
        ("PUBLIC_URL", "https://app.example.com/auth"),
    ];
    let sender = read(&variables).unwrap();
    let sending = sender.send(ADA, Locale::En, Mail::Known, then());
    let (outcome, ()) = tokio::join!(sending, converse(&listener, reply));
    outcome.unwrap_err()
}

async fn converse(listener: &TcpListener, reply: &str) {
    let (mut reading, mut writing) = listener.accept().await.unwrap().0.into_split();
    let mut lines = BufReader::new(&mut reading).lines();
    writing.write_all(b"220 mail.test\r\n").await.unwrap();
    while let Some(line) = lines.next_line().await.unwrap() {
        let is_last = line.starts_with("RCPT");
        let answer = if is_last { reply } else { "250 go on" };
        writing.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
        if is_last {
            return;
        }
    }
}

#[tokio::test]
async fn an_address_that_never_gets_mail_is_not_tried_again() {
    for (reply, code) in [
        ("550 5.1.1 no such user", 550),
        ("553 5.1.3 that is no address", 553),
        ("556 5.1.10 takes no mail", 556),
        ("550-5.1.1 no such user\r\n550 5.1.1 nor will there be", 550),
    ] {
        let error = told(reply).await;
        assert!(matches!(error, Error::Recipient(told) if told == code) && error.is_permanent(), "{reply}: {error:?}");
    }
}

/// A relay that is closed to us, a server that wants a password, one that dislikes our sender: an operator has a day to
/// correct it.
#[tokio::test]
async fn every_other_refusal_of_a_recipient_is_tried_again() {
    for reply in [
        "550 no thanks",
        "550 relaying denied",
        "550 no user 5.1.1 here",
        "530 5.7.0 authentication required",
        "550 5.7.1 relaying denied",
        "554 5.7.1 blocked",
        "554 5.0.0",
        "550 5.11.1 what",
        "550 5.1.7 bad sender",
        "550 5.1.8 the domain of the sender is unknown",
        "550 5.1. no such user",
        "550 5.1.1x no such user",
        "550 4.1.1 no such user yet",
        "450 5.1.1 no such user",
        "552 5.2.2 mailbox full",
    ] {
        let error = told(reply).await;
        assert!(matches!(error, Error::Refused { stage: Stage::Recipient, .. }), "{reply}: {error:?}");
        assert!(!error.is_permanent());
    }
}
