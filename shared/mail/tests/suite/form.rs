//! The form of a mail: its headers and parts.

use crate::{ADA, TOKEN, sender, sent};
use locale::Locale;
use mail::Mail;
use testkit::{MailServer, then};

#[tokio::test]
async fn a_mail_says_who_when_and_that_no_person_wrote_it() {
    let mail = sent(Mail::Known, &[]).await;
    assert_eq!(mail.header("From").as_deref(), Some("Example <login@example.com>"));
    assert_eq!(mail.header("To").as_deref(), Some(ADA));
    assert_eq!(mail.header("Date").as_deref(), Some("Tue, 06 May 2031 07:08:09 +0000"));
    assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(mail.header("Content-Language").as_deref(), Some("en"));
    assert_eq!((mail.sender.as_str(), mail.recipient.as_str()), ("<login@example.com>", ADA));
}

/// Amazon SES then suppresses addresses whose mails have bounced, and tells of bounces and complaints.
#[tokio::test]
async fn a_mail_names_the_configuration_set_that_it_is_sent_by_if_there_is_one() {
    for (variables, expected) in
        [(&[("MAIL_CONFIGURATION_SET", "login-prod_1")][..], Some("login-prod_1")), (&[], None)]
    {
        assert_eq!(sent(Mail::Known, variables).await.header("X-SES-CONFIGURATION-SET").as_deref(), expected);
    }
}

#[tokio::test]
async fn every_mail_has_an_id_of_its_own_on_our_domain() {
    let ids =
        [sent(Mail::Known, &[]).await, sent(Mail::Known, &[]).await].map(|mail| mail.header("Message-ID").unwrap());
    assert_ne!(ids[0], ids[1]);
    assert!(ids.iter().all(|id| id.starts_with('<') && id.ends_with("@example.com>")), "{ids:?}");
}

#[tokio::test]
async fn a_mail_is_seven_bits_wide_in_every_language() {
    let server = MailServer::start().await;
    sender(&server, &[("BRAND_NAME", "Ação")]).send(ADA, Locale::Pt, Mail::Known, then()).await.unwrap();
    let source = server.mails().pop().unwrap().source;
    assert!(source.is_ascii() && source.lines().all(|line| line.len() <= 78), "{source}");
}

#[tokio::test]
async fn a_mail_has_the_colour_and_the_logo_of_the_product() {
    let logo = "https://cdn.example.com/logo.png";
    let mail = sent(Mail::Known, &[("BRAND_COLOR", "#7c2d12"), ("BRAND_LOGO_URL", logo)]).await.decoded();
    assert!(mail.contains("background-color:#7c2d12;color:#ffffff"), "{mail}");
    assert_eq!(mail.matches("src=").count(), 1, "{mail}");
    assert!(mail.contains(&format!("<img src=\"{logo}\" alt=\"Example\"")), "{mail}");
}

#[tokio::test]
async fn the_subject_names_the_product_and_the_inbox_shows_a_line_more() {
    let mail = sent(Mail::Known, &[("BRAND_NAME", "Acme")]).await;
    assert_eq!(mail.header("Subject").as_deref(), Some("Acme: You already have an account"));
    assert!(mail.decoded().contains("overflow:hidden\">Nothing was changed. You can simply sign in.</div>"));
}

/// Without a logo.
#[tokio::test]
async fn a_mail_asks_for_nothing_from_elsewhere() {
    for mail in [Mail::Verify { token: TOKEN }, Mail::Known, Mail::Reset { token: TOKEN }] {
        let text = sent(mail, &[]).await.decoded();
        for loading in ["<img", "<script", "<link", "src=", "url(", "@import"] {
            assert!(!text.contains(loading), "{loading} in {text}");
        }
    }
}
