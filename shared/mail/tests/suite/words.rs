//! Every mail in every language, word by word: the text and the HTML form.

use crate::{ADA, TOKEN, sender, sent, sign_in};
use locale::Locale;
use mail::Mail;
use testkit::{MailServer, then};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";

fn mails() -> [Mail<'static>; 7] {
    let sign_in = Mail::SignIn { at: then(), ip: Some("203.0.113.7"), user_agent: Some(FIREFOX) };
    let changed = Mail::PasswordChanged { at: then() };
    let linked = Mail::IdentityLinked { provider: "google", at: then() };
    let unlinked = Mail::IdentityUnlinked { provider: "google", at: then() };
    [Mail::Verify { token: TOKEN }, Mail::Known, Mail::Reset { token: TOKEN }, changed, linked, unlinked, sign_in]
}

/// Leaves out the lines that are new each time.
fn stable(mail: &testkit::CaughtMail) -> String {
    let text = mail.decoded().replace("\r\n", "\n");
    let new = |line: &&str| !line.starts_with("Message-ID: ") && !line.starts_with("--") && !line.contains("boundary=");
    text.lines().filter(new).map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn every_mail_in_every_language() {
    let server = MailServer::start().await;
    for locale in [Locale::En, Locale::Pt] {
        for mail in mails() {
            sender(&server, &[]).send(ADA, locale, mail, then()).await.unwrap();
            let caught = server.mails().pop().unwrap();
            insta::assert_snapshot!(format!("{}_{}", locale.as_str(), mail.as_str()), stable(&caught));
        }
    }
}

#[tokio::test]
async fn what_is_not_known_of_a_sign_in_is_left_out() {
    let mail = sent(sign_in(None, None), &[]).await.decoded();
    assert!(mail.contains("Time: 1 January 1970, 00:00 UTC"), "{mail}");
    assert!(!mail.contains("Device:") && !mail.contains("IP address:"), "{mail}");
}

#[tokio::test]
async fn the_link_is_where_the_settings_say_with_the_token_as_its_fragment() {
    for (mail, variables, page) in [
        (Mail::Verify { token: TOKEN }, None, "https://app.example.com/auth/verify"),
        (Mail::Reset { token: TOKEN }, None, "https://app.example.com/auth/password/reset"),
        (Mail::Verify { token: TOKEN }, Some("REGISTER_VERIFY_URL"), "https://other.example.com/a/b"),
        (Mail::Reset { token: TOKEN }, Some("PASSWORD_RESET_URL"), "https://other.example.com/a/b"),
    ] {
        let variables: Vec<_> = variables.map(|name| (name, page)).into_iter().collect();
        let text = sent(mail, &variables).await.decoded();
        let link = format!("{page}#token={TOKEN}");
        // In the text, and in the HTML as a button, as a link and as an address.
        assert_eq!(text.matches(&link).count(), 4, "{text}");
    }
}

/// A person who gets such a mail wants to look at their account, or to sign in.
#[tokio::test]
async fn other_links_lead_to_the_account_or_to_the_sign_in() {
    for mail in mails().into_iter().filter(|mail| !matches!(mail, Mail::Verify { .. } | Mail::Reset { .. })) {
        let (name, page) = match mail {
            Mail::Known => ("SIGN_IN_URL", "login"),
            _ => ("ACCOUNT_URL", "account"),
        };
        let hosted = sent(mail, &[]).await.decoded();
        assert!(hosted.contains(&format!("<a href=\"https://app.example.com/auth/{page}\"")), "{hosted}");
        let own = sent(mail, &[(name, "https://other.example.com/x")]).await.decoded();
        assert!(own.contains("<a href=\"https://other.example.com/x\""), "{own}");
    }
}

#[tokio::test]
async fn a_provider_is_called_by_its_label() {
    let linked = Mail::IdentityLinked { provider: "acme-id", at: then() };
    let variables = [("OIDC_PROVIDERS", "acme-id"), ("OIDC_ACME_ID_LABEL", "Acme ID")];
    assert!(sent(linked, &variables).await.decoded().contains("Provider: Acme ID"));
    assert!(sent(linked, &[]).await.decoded().contains("Provider: acme-id"), "one that is not there any more");
}

#[tokio::test]
async fn the_product_is_called_by_the_host_of_the_app_unless_it_has_a_name() {
    assert!(sent(Mail::Known, &[("BRAND_NAME", "")]).await.decoded().contains("sign up for app.example.com with"));
    assert!(sent(Mail::Known, &[("BRAND_NAME", "Acme")]).await.decoded().contains("sign up for Acme with"));
}
