//! The outbox on a real store, intact and broken.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod faults;
mod letters;

use jiff::{SignedDuration, Timestamp};
use outbox::{Letter, Locale, Matter, Outbox};
use testkit::Stores;

const ADA: &str = "ada@example.com";

fn registration() -> Matter {
    Matter::Register { password_hash: "$argon2id$v=19$…".to_owned(), name: Some("Ada".to_owned()), browser: None }
}

/// The outbox of a store with one letter, and the letter.
async fn with_letter(stores: &Stores, now: Timestamp) -> (Outbox, Letter) {
    let outbox = Outbox::new(stores.dynamo());
    outbox.put(ADA, Locale::Pt, registration(), now).await.unwrap();
    let [letter] = <[Letter; 1]>::try_from(outbox.due(now).await.unwrap()).unwrap();
    (outbox, letter)
}

fn after(moment: Timestamp, seconds: i64) -> Timestamp {
    moment + SignedDuration::from_secs(seconds)
}
