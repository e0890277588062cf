//! Mail servers and stores that fail: no letter is lost.

use crate::{ADA, Scene, lost, postponed, registration, sent};
use outbox::Matter;
use scene::{Fault, MailFault, MailStep, now};

#[tokio::test]
async fn a_mail_server_that_is_down_loses_nothing() {
    let mut scene = Scene::new().await;
    scene.account(ADA).await;
    scene.server.stop().await;
    scene.put("bea@example.com", registration(&scene).await).await;
    scene.put(ADA, Matter::Reset).await;
    scene.put(ADA, Matter::PasswordChanged { at: now() }).await;
    assert_eq!(scene.deliver_after(0).await, postponed(3));
    // Not too early.
    assert_eq!(scene.deliver_after(29).await, sent(0));
    assert_eq!(scene.deliver_after(30).await, postponed(3));
    scene.server.resume().await;
    assert_eq!(scene.deliver_after(89).await, sent(0));
    assert_eq!(scene.deliver_after(90).await, sent(3));
    assert_eq!((scene.server.mails().len(), scene.left().await), (3, 0));
}

#[tokio::test]
async fn whatever_the_server_does_the_letter_is_kept_until_it_is_sent() {
    for step in
        [MailStep::Greeting, MailStep::Hello, MailStep::Sender, MailStep::Recipient, MailStep::Data, MailStep::End]
    {
        for fault in [MailFault::Refuse(421), MailFault::Close] {
            let scene = Scene::new().await;
            scene.put(ADA, registration(&scene).await).await;
            scene.server.break_next(step, fault);
            assert_eq!(scene.deliver_after(0).await, postponed(1), "{step:?} {fault:?}");
            assert_eq!(scene.deliver_after(30).await, sent(1), "{step:?} {fault:?}");
            assert_eq!((scene.server.mails().len(), scene.left().await), (1, 0), "{step:?} {fault:?}");
        }
    }
}

/// For example a relay that is closed to us: an operator has a day to open it.
#[tokio::test]
async fn a_server_that_refuses_every_recipient_loses_nothing_within_a_day() {
    let scene = Scene::new().await;
    scene.put(ADA, registration(&scene).await).await;
    scene.server.break_all(MailStep::Recipient, MailFault::Refuse(550));
    for quarter in 0..95 {
        assert_eq!(scene.deliver_after(quarter * 15 * 60).await, postponed(1), "{quarter}");
    }
    scene.server.heal();
    assert_eq!(scene.deliver_after(95 * 15 * 60).await, sent(1));
}

/// This server does not accept addresses beyond ASCII (RFC 6531), but accepts others.
#[tokio::test]
async fn a_recipient_that_the_server_never_takes_is_lost() {
    let scene = Scene::new().await;
    scene.put("jos\u{e9}@example.com", Matter::PasswordChanged { at: now() }).await;
    assert_eq!(scene.deliver_after(0).await, lost(1));
    assert_eq!((scene.server.mails().len(), scene.left().await), (0, 0));
}

#[tokio::test]
async fn one_bad_recipient_keeps_no_other_back() {
    let scene = Scene::new().await;
    for to in ["a@example.com", "jos\u{e9}@example.com", "c@example.com"] {
        scene.put(to, Matter::PasswordChanged { at: now() }).await;
    }
    let report = scene.deliver_after(0).await;
    assert_eq!((report.sent, report.lost, scene.left().await), (2, 1, 0));
}

/// The mail was sent, but the answer was lost: it is sent again with another token, and either of them works.
#[tokio::test]
async fn a_lost_answer_is_a_second_mail_with_another_token() {
    let scene = Scene::new().await;
    scene.put(ADA, registration(&scene).await).await;
    scene.server.break_next(MailStep::End, MailFault::LoseAnswer);
    assert_eq!(scene.deliver_after(0).await, postponed(1));
    assert_eq!(scene.deliver_after(30).await, sent(1));
    let tokens: Vec<_> = scene.server.mails().iter().map(|mail| mail.token().unwrap()).collect();
    assert_eq!(tokens.len(), 2);
    assert_ne!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn a_store_that_cannot_make_a_token_keeps_the_letter() {
    let scene = Scene::new().await;
    scene.put(ADA, registration(&scene).await).await;
    scene.stores.dynamo_proxy.break_all(Some("PutItem"), Fault::Fail);
    assert_eq!(scene.deliver_after(0).await, postponed(1));
    assert!(scene.server.commands().is_empty());
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.deliver_after(30).await, sent(1));
}

#[tokio::test]
async fn a_store_that_gives_no_letter_is_left_alone_until_the_next_call() {
    let scene = Scene::new().await;
    scene.put(ADA, registration(&scene).await).await;
    scene.stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
    assert_eq!(scene.deliver_after(0).await, sent(0));
    assert!(scene.server.commands().is_empty());
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.deliver_after(0).await, sent(1));
}

#[tokio::test]
async fn an_outbox_that_cannot_be_read_is_an_error() {
    let scene = Scene::new().await;
    scene.stores.dynamo_proxy.break_all(Some("Scan"), Fault::Fail);
    assert!(scene.mailer().deliver(|| scene.now).await.is_err());
}

#[tokio::test]
async fn a_letter_that_could_not_be_removed_is_sent_once_more() {
    let scene = Scene::new().await;
    scene.put(ADA, Matter::PasswordChanged { at: now() }).await;
    scene.stores.dynamo_proxy.break_all(Some("DeleteItem"), Fault::Fail);
    assert_eq!(scene.deliver_after(0).await, sent(1));
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.deliver_after(59).await, sent(0));
    assert_eq!(scene.deliver_after(60).await, sent(1));
    assert_eq!((scene.server.mails().len(), scene.left().await), (2, 0));
}
