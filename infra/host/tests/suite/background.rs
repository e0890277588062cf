//! The work that no request does, on both stores, with the streams of the tables.

use host::{Background, Pace, Report, Stop};
use jiff::{SignedDuration, Timestamp};
use outbox::{Locale, Matter, Outbox};
use scene::{MailServer, RedisFault, Stores, now};
use session::{Policy, SessionId, Sessions, Token};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::watch, task::JoinHandle};

/// Everything happens within moments.
fn quick() -> Pace {
    Pace {
        life: SignedDuration::from_millis(1500),
        retry: Duration::from_millis(300),
        pause: Duration::from_millis(100),
        // Streams tell when a change was made to the second.
        again: SignedDuration::from_secs(4),
        quiet: Duration::from_millis(500),
        longest: Duration::from_secs(10),
    }
}

/// Stores with a user, and a mail server.
struct Place {
    stores: Stores,
    sessions: Sessions,
    mails: MailServer,
}

/// An instance at work.
struct Instance {
    end: watch::Sender<bool>,
    working: JoinHandle<()>,
}

impl Place {
    async fn new() -> Self {
        scene::hush();
        let stores = Stores::start().await;
        stores.account("ada").await;
        let sessions = stores.sessions(Policy::default());
        Self { sessions, stores, mails: MailServer::start().await }
    }

    fn background(&self) -> Background {
        let mails = self.mails.url();
        let variables = [("SMTP_URL", &*mails), ("MAIL_FROM", "login@example.com")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.stores.wired(|environment, aws| Background::wire(environment, aws, quick(), Timestamp::now), &variables)
    }

    /// One more instance.
    fn instance(&self) -> Instance {
        let (background, (end, stop)) = (Arc::new(self.background()), Stop::new());
        Instance { end, working: tokio::spawn(async move { background.run(&stop).await }) }
    }

    async fn sign_in(&self) -> Token {
        self.stores.sign_in(&self.sessions, "ada", now()).await
    }

    /// Ends a session, of which Redis hears nothing.
    async fn end_unheard(&self, token: &Token) {
        let proxy = self.stores.redis_proxy.as_ref().unwrap();
        proxy.break_all(Some("SET"), RedisFault::Close);
        assert!(self.sessions.revoke(token, now()).await.is_err());
        proxy.heal();
        assert_ne!(self.stores.copy(&token.id()).await.as_deref(), Some(&b"!"[..]));
    }

    /// Waits until Redis has the tombstone of a session.
    async fn until_buried(&self, id: &SessionId) {
        let since = Instant::now();
        while self.stores.copy(id).await.as_deref() != Some(b"!") {
            assert!(since.elapsed() < Duration::from_secs(20), "it is still served");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Instance {
    /// As `SIGKILL` does: nothing more is done, and nothing is given back.
    async fn kill(self) {
        self.working.abort();
        drop(self.working.await);
    }

    async fn ended(self) {
        self.end.send_replace(true);
        tokio::time::timeout(Duration::from_secs(10), self.working).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn an_ending_that_redis_did_not_hear_of_is_finished() {
    let place = Place::new().await;
    let (before, after) = (place.sign_in().await, place.sign_in().await);
    place.end_unheard(&before).await;
    let instance = place.instance();
    place.until_buried(&before.id()).await;
    place.end_unheard(&after).await;
    place.until_buried(&after.id()).await;
    instance.ended().await;
}

#[tokio::test]
async fn a_tombstone_that_redis_lost_is_there_again_some_time_later() {
    let place = Place::new().await;
    let token = place.sign_in().await;
    let copy = place.stores.copy(&token.id()).await.unwrap();
    let instance = place.instance();
    place.sessions.revoke(&token, now()).await.unwrap();
    // The first comes at once. A failover loses it, and that of the request.
    tokio::time::sleep(Duration::from_millis(700)).await;
    place.stores.put_copy(&token.id(), &copy).await;
    place.until_buried(&token.id()).await;
    instance.ended().await;
}

#[tokio::test]
async fn a_redis_that_is_away_is_waited_for() {
    let place = Place::new().await;
    let token = place.sign_in().await;
    let instance = place.instance();
    let proxy = place.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    assert!(place.sessions.revoke(&token, now()).await.is_err());
    tokio::time::sleep(Duration::from_millis(900)).await;
    proxy.heal();
    place.until_buried(&token.id()).await;
    instance.ended().await;
}

#[tokio::test]
async fn a_letter_is_sent() {
    let place = Place::new().await;
    let instance = place.instance();
    let matter = Matter::PasswordChanged { at: now() };
    Outbox::new(place.stores.dynamo()).put("ada@example.com", Locale::En, matter, now()).await.unwrap();
    let since = Instant::now();
    while place.mails.mails().is_empty() {
        assert!(since.elapsed() < Duration::from_secs(20), "it is not sent");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    instance.ended().await;
}

/// Of two instances one works. It is killed while the record of an ending is to come again: the other one begins there.
#[tokio::test]
async fn when_its_holder_is_killed_another_instance_takes_over_and_misses_nothing() {
    let place = Place::new().await;
    let (first, second) = (place.sign_in().await, place.sign_in().await);
    let copy = place.stores.copy(&first.id()).await.unwrap();
    let holder = place.instance();
    place.end_unheard(&first).await;
    place.until_buried(&first.id()).await;
    let other = place.instance();
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(place.background().once().await.unwrap().busy);
    holder.kill().await;
    place.stores.put_copy(&first.id(), &copy).await;
    place.end_unheard(&second).await;
    place.until_buried(&first.id()).await;
    place.until_buried(&second.id()).await;
    other.ended().await;
}

#[tokio::test]
async fn one_that_ends_gives_the_lease_back() {
    let place = Place::new().await;
    let instance = place.instance();
    let token = place.sign_in().await;
    place.end_unheard(&token).await;
    place.until_buried(&token.id()).await;
    instance.ended().await;
    assert!(!place.background().once().await.unwrap().busy);
}

#[tokio::test]
async fn a_schedulers_call_does_what_there_is_and_the_next_one_does_not_repeat_it() {
    let place = Place::new().await;
    let token = place.sign_in().await;
    place.end_unheard(&token).await;
    let matter = Matter::PasswordChanged { at: now() };
    Outbox::new(place.stores.dynamo()).put("ada@example.com", Locale::En, matter, now()).await.unwrap();
    let report = place.background().once().await.unwrap();
    assert_eq!((report.busy, report.mails.sent, place.mails.mails().len()), (false, 1, 1));
    assert!(report.records >= 2, "{report:?}");
    place.until_buried(&token.id()).await;
    // The record of the ending comes once more, when it is old enough. After that nothing is left.
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(900)).await;
    }
    assert!(place.background().once().await.unwrap().records >= 1);
    assert_eq!(place.background().once().await.unwrap(), Report::default());
}
