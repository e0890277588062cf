//! The function that sends mails is called whenever a mail is due.

use crate::supervised::{Place, free_port};
use ::outbox::{Locale, Matter, Outbox};
use dynamo::{Dynamo, Settings};
use jiff::Timestamp;
use std::time::Duration;

const CALL: &str = "/2015-03-31/functions/mailer/invocations {}";

#[tokio::test]
async fn a_letter_is_sent_at_once_and_without_one_nothing_is_called() {
    let place = Place::with("mailer");
    let mut dev = place.dev(free_port(), &[]);
    dev.until_ready();
    // This call makes sure that it runs before the first letter.
    assert_eq!(place.posts(), [CALL]);

    let settings = place.settings();
    let store = stand::sdk_config(&settings["AWS_ENDPOINT_URL_DYNAMODB"]);
    let config = Settings { table_prefix: settings["TABLE_PREFIX"].clone(), endpoint: None };
    let outbox = Outbox::new(Dynamo::with(&config, &store));
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(place.posts().len(), 1);

    let now = Timestamp::now();
    outbox.put("ada@example.com", Locale::En, Matter::Reset, now).await.unwrap();
    place.until_posted(|posts| posts.len() > 1).await;
    assert!(place.posts().iter().all(|post| post == CALL));
    // The stand-in sends nothing: the letter is still due.
    place.until_posted(|posts| posts.len() > 2).await;
    for letter in outbox.due(Timestamp::now()).await.unwrap() {
        outbox.settle(&letter).await.unwrap();
    }
}
