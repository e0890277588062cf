//! A store that holds many rows or invalid ones, or cannot be asked.

use crate::{ADA, with_letter};
use dynamo::{Dynamo, Error, Row, moment, text};
use jiff::Timestamp;
use outbox::{Locale, Matter, Outbox};
use testkit::{Fault, Logs, Stores, now};

async fn write(dynamo: &Dynamo, row: Row) {
    dynamo.client().put_item().table_name(dynamo.table("outbox")).set_item(Some(row)).send().await.unwrap();
}

/// A scan returns a mebibyte per call.
#[tokio::test]
async fn letters_beyond_the_first_page_are_due_too() {
    let stores = Stores::without_redis().await;
    let outbox = Outbox::new(stores.dynamo());
    let now = now();
    let matter = || Matter::SignIn { at: now, ip: None, user_agent: Some("x".repeat(300_000)) };
    for _ in 0..5 {
        outbox.put(ADA, Locale::En, matter(), now).await.unwrap();
    }
    assert_eq!(outbox.due(now).await.unwrap().len(), 5);
    assert!(stores.dynamo_proxy.calls_of("Scan") > 1);
}

#[tokio::test]
async fn a_letter_is_due_at_once_whichever_replica_is_asked() {
    let stores = Stores::without_redis().await;
    let now = now();
    stores.dynamo_proxy.record();
    with_letter(&stores, now).await;
    let sent = String::from_utf8(stores.dynamo_proxy.recorded()).unwrap();
    assert!(sent.contains(r#""ConsistentRead":true"#), "{sent}");
}

#[tokio::test]
async fn a_row_that_is_no_letter_keeps_no_other_back_and_is_not_shown() {
    let stores = Stores::without_redis().await;
    let logs = Logs::capture();
    let now = now();
    let row = [("mail_id", text("broken")), ("next_attempt_at", moment(Timestamp::UNIX_EPOCH)), ("to", text("bea@x"))];
    write(stores.dynamo_itself(), row.map(|(name, value)| (name.to_owned(), value)).into()).await;
    let (outbox, letter) = with_letter(&stores, now).await;
    assert_eq!(outbox.due(now).await.unwrap(), [letter]);
    assert!(logs.text().contains("a letter cannot be read") && !logs.text().contains("bea@x"), "{}", logs.text());
}

#[tokio::test]
async fn a_store_that_fails_is_an_error_of_every_call() {
    let stores = Stores::without_redis().await;
    let now = now();
    let (outbox, letter) = with_letter(&stores, now).await;
    stores.dynamo_proxy.break_all(None, Fault::Fail);
    let unavailable = |error: &Error| matches!(error, Error::Unavailable(_));
    assert!(outbox.put(ADA, Locale::En, Matter::Reset, now).await.is_err_and(|error| unavailable(&error)));
    assert!(outbox.due(now).await.is_err_and(|error| unavailable(&error)));
    assert!(outbox.claim(&letter, now).await.is_err_and(|error| unavailable(&error)));
    assert!(outbox.postpone(&letter, now).await.is_err_and(|error| unavailable(&error)));
    assert!(outbox.settle(&letter).await.is_err_and(|error| unavailable(&error)));
    stores.dynamo_proxy.heal();
    assert_eq!(outbox.due(now).await.unwrap(), [letter]);
}
