//! The life of a letter from its writing to its end.

use crate::{ADA, after, registration, with_letter};
use jiff::SignedDuration;
use outbox::{Locale, Matter, Outbox};
use testkit::{Stores, now};

#[tokio::test]
async fn a_letter_is_kept_as_it_was_put() {
    let stores = Stores::without_redis().await;
    let outbox = Outbox::new(stores.dynamo());
    let now = now();
    let matters = [
        registration(),
        Matter::Register { password_hash: "$".to_owned(), name: None, browser: None },
        Matter::Reset,
        Matter::PasswordChanged { at: now },
        Matter::SignIn { at: now, ip: Some("203.0.113.7".to_owned()), user_agent: Some("a\"\r\n<b>".to_owned()) },
        Matter::IdentityLinked { provider: "acme".to_owned(), at: now },
        Matter::IdentityUnlinked { provider: "acme".to_owned(), at: now },
        Matter::SignIn { at: now, ip: None, user_agent: None },
    ];
    for (number, matter) in (0..).zip(&matters) {
        let written = now + SignedDuration::from_millis(number);
        outbox.put(ADA, Locale::Pt, matter.clone(), written).await.unwrap();
    }
    let letters = outbox.due(after(now, 1)).await.unwrap();
    assert!(letters.iter().map(|letter| &letter.matter).eq(&matters), "{letters:?}");
    for letter in &letters {
        assert_eq!((letter.to.as_str(), letter.locale, letter.attempts), (ADA, Locale::Pt, 0));
        assert_eq!(letter.next_attempt_at, letter.created_at);
        assert_eq!(letter.expires_at, after(letter.created_at, 24 * 60 * 60));
    }
}

#[tokio::test]
async fn putting_a_letter_is_one_write() {
    let stores = Stores::without_redis().await;
    let outbox = Outbox::new(stores.dynamo());
    outbox.put(ADA, Locale::En, Matter::Reset, now()).await.unwrap();
    assert_eq!((stores.dynamo_proxy.calls(), stores.dynamo_proxy.calls_of("PutItem")), (1, 1));
}

#[tokio::test]
async fn a_letter_is_due_from_its_time_on() {
    let stores = Stores::without_redis().await;
    let now = now();
    let (outbox, letter) = with_letter(&stores, now).await;
    assert!(outbox.due(now - SignedDuration::from_millis(1)).await.unwrap().is_empty());
    assert_eq!(outbox.due(now).await.unwrap(), [letter]);
}

#[tokio::test]
async fn of_two_claims_one_wins() {
    let stores = Stores::without_redis().await;
    let now = now();
    let (outbox, letter) = with_letter(&stores, now).await;
    let first = outbox.claim(&letter, now).await.unwrap().unwrap();
    assert_eq!(first.attempts, 1);
    assert_eq!(outbox.claim(&letter, now).await.unwrap(), None);
}

#[tokio::test]
async fn a_claimed_letter_is_due_again_after_a_minute() {
    let stores = Stores::without_redis().await;
    let now = now();
    let (outbox, letter) = with_letter(&stores, now).await;
    let claimed = outbox.claim(&letter, now).await.unwrap().unwrap();
    assert!(outbox.due(after(now, 59)).await.unwrap().is_empty());
    assert_eq!(outbox.due(after(now, 60)).await.unwrap(), [claimed]);
}

#[tokio::test]
async fn a_postponed_letter_waits_longer_each_time() {
    let stores = Stores::without_redis().await;
    let mut now = now();
    let (outbox, mut letter) = with_letter(&stores, now).await;
    for wait in [30, 60, 120] {
        let claimed = outbox.claim(&letter, now).await.unwrap().unwrap();
        outbox.postpone(&claimed, now).await.unwrap();
        assert!(outbox.due(after(now, wait - 1)).await.unwrap().is_empty(), "{wait}");
        now = after(now, wait);
        letter = outbox.due(now).await.unwrap().pop().unwrap();
    }
}

#[tokio::test]
async fn postponing_does_not_bring_a_settled_letter_back() {
    let stores = Stores::without_redis().await;
    let now = now();
    let (outbox, letter) = with_letter(&stores, now).await;
    let claimed = outbox.claim(&letter, now).await.unwrap().unwrap();
    outbox.settle(&claimed).await.unwrap();
    outbox.postpone(&claimed, now).await.unwrap();
    // Not even a part of it, which would not be a letter.
    let store = stores.dynamo_itself();
    let rows = store.client().scan().table_name(store.table("outbox")).send().await.unwrap();
    assert_eq!(rows.count(), 0);
}

#[tokio::test]
async fn whoever_was_too_slow_does_not_take_a_letter_from_the_next() {
    let stores = Stores::without_redis().await;
    let now = now();
    let (outbox, letter) = with_letter(&stores, now).await;
    let slow = outbox.claim(&letter, now).await.unwrap().unwrap();
    let next = outbox.claim(&slow, after(now, 60)).await.unwrap().unwrap();
    outbox.postpone(&slow, after(now, 61)).await.unwrap();
    assert!(outbox.due(after(now, 119)).await.unwrap().is_empty());
    assert_eq!(outbox.due(after(now, 120)).await.unwrap(), [next]);
}

#[tokio::test]
async fn a_settled_letter_is_gone() {
    let stores = Stores::without_redis().await;
    let now = now();
    let (outbox, letter) = with_letter(&stores, now).await;
    outbox.settle(&letter).await.unwrap();
    assert!(outbox.due(after(now, 3_600)).await.unwrap().is_empty());
    assert_eq!(outbox.claim(&letter, now).await.unwrap(), None);
}
