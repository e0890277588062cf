//! Values that other people choose.

use crate::{ADA, TOKEN, read, send, sender, sent, sign_in};
use locale::Locale;
use mail::{Error, Mail};
use testkit::{HOSTILE, MailServer, then};

#[tokio::test]
async fn an_address_adds_no_header_and_no_recipient() {
    let server = MailServer::start().await;
    for to in [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\nSubject: x",
        "ada@example.com, eve@example.com",
        "ada@example.com> RCPT TO:<eve@example.com",
        "Ada <ada@example.com>",
        "ada@[127.0.0.1]",
        "ada@127.0.0.1",
        "ada@",
        "@example.com",
        "a..\"b@example.com",
        "a..> RCPT TO:<eve@example.com",
        "ada",
        "",
    ] {
        let outcome = send(&server, to).await;
        assert!(matches!(outcome, Err(Error::Address)), "{to:?}: {outcome:?}");
    }
    assert!(server.commands().is_empty());
}

#[tokio::test]
async fn no_words_of_a_program_that_signs_in_come_through() {
    for agent in ["Visit https://evil.example now", "<b>Firefox</b>", "x\r\n\r\n-> Click here", "{{ 7 }}"] {
        let mail = sent(sign_in(Some("203.0.113.7"), Some(agent)), &[]).await.decoded();
        assert!(!mail.contains("evil") && !mail.contains("<b>") && !mail.contains("Click"), "{mail}");
    }
}

#[tokio::test]
async fn a_hostile_client_address_is_one_line_and_no_markup() {
    for ip in HOSTILE.iter().copied().chain(["1\n\n-> Click here", "<a href=x>"]) {
        let mail = sent(sign_in(Some(ip), None), &[]).await;
        let text = mail.decoded();
        assert!(!text.contains("<a href=x>") || text.matches("<a href=x>").count() == 1, "{text}");
        let html = text.split("<!doctype html>").nth(1).unwrap();
        assert!(!html.contains("<a href=x>") && !html.contains("<script"), "{html}");
        // One link, twice, and the one in the footer.
        assert_eq!(html.matches("<a href=").count(), 3, "{html}");
    }
}

#[tokio::test]
async fn the_name_of_the_product_is_no_markup_and_no_header() {
    let mail = sent(Mail::Known, &[("BRAND_NAME", "A <b>& \"Co\"</b>")]).await.decoded();
    let html = mail.split("<!doctype html>").nth(1).unwrap();
    assert!(html.contains("A &#60;b&#62;&#38; &#34;Co&#34;&#60;/b&#62;") && !html.contains("<b>"), "{html}");
    let usual = [
        ("SMTP_URL", "smtp://127.0.0.1:1"),
        ("MAIL_FROM", "a@example.com"),
        ("APP_URL", "https://example.com"),
        ("PUBLIC_URL", "https://example.com"),
    ];
    for hostile in ["A\r\nBcc: eve@example.com", "A\nB", &"x".repeat(101)] {
        let variables: Vec<_> = usual.iter().copied().chain([("BRAND_NAME", hostile)]).collect();
        assert_eq!(read(&variables).err().unwrap().0[0].name, "BRAND_NAME");
    }
}

#[tokio::test]
async fn a_domain_beyond_ascii_is_told_as_every_server_knows_it() {
    let server = MailServer::start().await;
    send(&server, "ada@bücher.example").await.unwrap();
    assert_eq!(server.mails()[0].recipient, "ada@xn--bcher-kva.example");
}

#[tokio::test]
async fn a_mailbox_beyond_ascii_needs_a_server_that_knows_such() {
    let server = MailServer::start().await;
    assert!(matches!(send(&server, "josé@example.com").await, Err(Error::Address)));
    assert!(server.mails().is_empty());
    server.offer(&["SMTPUTF8"]);
    send(&server, "josé@example.com").await.unwrap();
    assert!(server.mails()[0].sender.contains("SMTPUTF8"));
    assert_eq!(server.mails()[0].recipient, "josé@example.com");
}

#[tokio::test]
async fn a_token_is_in_the_link_and_nowhere_else() {
    let server = MailServer::start().await;
    sender(&server, &[]).send(ADA, Locale::En, Mail::Reset { token: TOKEN }, then()).await.unwrap();
    let mail = server.mails().pop().unwrap();
    let text = mail.decoded();
    assert_eq!(text.matches(TOKEN).count(), text.matches(&format!("#token={TOKEN}")).count());
    assert_eq!(mail.token().as_deref(), Some(TOKEN));
}

/// RFC 5321, section 4.1.2: without quotes, a strict server does not accept such a part as an address.
#[tokio::test]
async fn a_mailbox_with_dots_that_nothing_stands_between_is_told_in_quotes() {
    let server = MailServer::start().await;
    for (to, told) in [
        ("first.last.@docomo.ne.jp", "\"first.last.\"@docomo.ne.jp"),
        ("a..b@ezweb.ne.jp", "\"a..b\"@ezweb.ne.jp"),
        (".ada@example.com", "\".ada\"@example.com"),
        ("first.last@docomo.ne.jp", "first.last@docomo.ne.jp"),
    ] {
        send(&server, to).await.unwrap();
        let mail = server.mails().pop().unwrap();
        assert_eq!((&*mail.recipient, mail.header("To").as_deref()), (told, Some(told)), "{to}");
    }
}
