//! Several mailers at once, and one that runs out of time.

use crate::{ADA, Scene, registration, sent};
use jiff::SignedDuration;
use outbox::Matter;
use scene::now;
use std::sync::atomic::{AtomicI64, Ordering};

#[tokio::test]
async fn of_many_letters_and_several_mailers_each_is_sent_once() {
    let scene = Scene::new().await;
    for number in 0..30 {
        scene.put(&format!("user{number}@example.com"), Matter::PasswordChanged { at: now() }).await;
    }
    let clock = || scene.now;
    let mailers = [scene.mailer(), scene.mailer(), scene.mailer()];
    let [one, two, three] = &mailers;
    let (one, two, three) = tokio::join!(one.deliver(clock), two.deliver(clock), three.deliver(clock));
    let reports = [one.unwrap(), two.unwrap(), three.unwrap()];
    assert_eq!(reports.iter().map(|report| report.sent).sum::<usize>(), 30, "{reports:?}");
    let mut recipients: Vec<_> = scene.server.mails().into_iter().map(|mail| mail.recipient).collect();
    recipients.sort();
    recipients.dedup();
    assert_eq!((recipients.len(), scene.server.mails().len(), scene.left().await), (30, 30, 0));
}

#[tokio::test]
async fn a_letter_whose_mailer_died_is_sent_by_the_next_one() {
    let scene = Scene::new().await;
    scene.put(ADA, registration(&scene).await).await;
    let letter = scene.outbox().due(scene.now).await.unwrap().pop().unwrap();
    scene.outbox().claim(&letter, scene.now).await.unwrap().unwrap();
    assert_eq!(scene.deliver_after(59).await, sent(0));
    assert_eq!(scene.deliver_after(60).await, sent(1));
}

#[tokio::test]
async fn letters_that_come_while_others_are_sent_are_sent_by_the_same_call() {
    let scene = Scene::new().await;
    scene.put(ADA, Matter::PasswordChanged { at: now() }).await;
    let mut held = scene.stores.dynamo_proxy.hold_next("DeleteItem");
    let (mailer, clock) = (scene.mailer(), || scene.now);
    let second = async {
        held.arrived().await;
        scene.put("bea@example.com", Matter::PasswordChanged { at: now() }).await;
        held.release();
    };
    let (report, ()) = tokio::join!(mailer.deliver(clock), second);
    assert_eq!(report.unwrap(), sent(2));
}

/// Each reading of the clock is a second later.
#[tokio::test]
async fn no_letter_is_begun_after_twenty_seconds() {
    let scene = Scene::new().await;
    for _ in 0..40 {
        scene.put(ADA, Matter::PasswordChanged { at: now() }).await;
    }
    let seconds = AtomicI64::new(0);
    let clock = || scene.now + SignedDuration::from_secs(seconds.fetch_add(1, Ordering::SeqCst));
    let report = scene.mailer().deliver(clock).await.unwrap();
    assert!((1..20).contains(&report.sent), "{report:?}");
    assert_eq!(scene.left().await, 40 - report.sent);
}
