//! The result of each kind of letter.

use crate::{ADA, PASSWORD, Scene, lost, register, registration, sent};
use outbox::{Locale, Matter};
use scene::now;
use users::{Challenge, Email, Error, Password};

#[tokio::test]
async fn a_new_address_gets_a_link_that_makes_its_account() {
    let scene = Scene::new().await;
    scene.put(ADA, registration(&scene).await).await;
    assert_eq!(scene.deliver_after(0).await, sent(1));
    assert_eq!(scene.subjects(), ["Confirm your email address"]);
    let challenge = Challenge::parse(&scene.server.mails()[0].token().unwrap()).unwrap();
    let account = register(&scene, &challenge, scene.after(1)).await.unwrap();
    assert_eq!((account.email.as_deref(), account.name.as_deref()), (Some(ADA), Some("Ada")));
    let password = Password::parse(PASSWORD).unwrap();
    assert!(scene.users().with_password(&Email::parse(ADA).unwrap(), &password, scene.after(2)).await.is_ok());
    assert_eq!(scene.left().await, 0);
}

#[tokio::test]
async fn an_address_with_an_account_is_told_so_and_gets_no_token() {
    let scene = Scene::new().await;
    scene.account(ADA).await;
    scene.put(ADA, registration(&scene).await).await;
    assert_eq!(scene.deliver_after(0).await, sent(1));
    assert_eq!(scene.subjects(), ["You already have an account"]);
    assert_eq!(scene.server.mails()[0].token(), None);
    assert_eq!(scene.left().await, 0);
}

#[tokio::test]
async fn whoever_forgot_a_password_gets_a_link() {
    let scene = Scene::new().await;
    scene.account(ADA).await;
    scene.put(ADA, Matter::Reset).await;
    assert_eq!(scene.deliver_after(0).await, sent(1));
    assert_eq!(scene.subjects(), ["Set a new password"]);
    let challenge = Challenge::parse(&scene.server.mails()[0].token().unwrap()).unwrap();
    // It sets a password, and does not make an account.
    assert!(matches!(register(&scene, &challenge, scene.after(1)).await, Err(Error::Spent)));
}

#[tokio::test]
async fn nobody_without_an_account_hears_of_a_reset() {
    let scene = Scene::new().await;
    scene.put(ADA, Matter::Reset).await;
    assert_eq!(scene.deliver_after(0).await, sent(0));
    assert!(scene.server.commands().is_empty());
    assert_eq!(scene.left().await, 0);
}

#[tokio::test]
async fn notices_go_to_their_address_as_they_are() {
    let scene = Scene::new().await;
    scene.put(ADA, Matter::PasswordChanged { at: now() }).await;
    let matter = Matter::SignIn { at: now(), ip: Some("203.0.113.7".to_owned()), user_agent: None };
    scene.put(ADA, matter).await;
    scene.put(ADA, Matter::IdentityLinked { provider: "acme".to_owned(), at: now() }).await;
    scene.put(ADA, Matter::IdentityUnlinked { provider: "acme".to_owned(), at: now() }).await;
    assert_eq!(scene.deliver_after(0).await, sent(4));
    let mut subjects = scene.subjects();
    subjects.sort();
    let expected = [
        "A new way into your account",
        "A way into your account was removed",
        "New sign-in to your account",
        "Your password was changed",
    ];
    assert_eq!(subjects, expected);
    let by_provider = scene.server.mails().iter().filter(|mail| mail.decoded().contains("Provider: acme")).count();
    assert_eq!(by_provider, 2);
    assert!(scene.server.mails().iter().all(|mail| mail.recipient == ADA));
}

#[tokio::test]
async fn a_mail_goes_to_the_address_as_accounts_have_it() {
    let scene = Scene::new().await;
    scene.account(ADA).await;
    scene.put("ADA@Example.COM", Matter::Reset).await;
    assert_eq!(scene.deliver_after(0).await, sent(1));
    assert_eq!(scene.server.mails()[0].recipient, ADA);
}

#[tokio::test]
async fn a_letter_is_written_in_its_language() {
    let scene = Scene::new().await;
    scene.outbox().put(ADA, Locale::Pt, Matter::PasswordChanged { at: now() }, scene.now).await.unwrap();
    assert_eq!(scene.deliver_after(0).await, sent(1));
    assert_eq!(scene.subjects(), ["Sua senha foi alterada"]);
}

#[tokio::test]
async fn a_letter_to_what_is_no_address_is_lost() {
    let scene = Scene::new().await;
    scene.put("ada@example.com\r\nBcc: eve@example.com", Matter::PasswordChanged { at: now() }).await;
    assert_eq!(scene.deliver_after(0).await, lost(1));
    assert!(scene.server.commands().is_empty());
    assert_eq!(scene.left().await, 0);
}

#[tokio::test]
async fn a_letter_of_more_than_a_day_is_lost_and_not_sent() {
    let scene = Scene::new().await;
    scene.put(ADA, registration(&scene).await).await;
    assert_eq!(scene.deliver_after(24 * 60 * 60).await, lost(1));
    assert!(scene.server.commands().is_empty());
    assert_eq!(scene.left().await, 0);
}
