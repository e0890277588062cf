//! Devices whose answers are lost, and thieves who show the lost token (RFC 9700, section 4.14.2; OWASP ASVS 10.4.5).

use crate::support::login;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use session::{Policy, Refresh, RefreshToken, Sessions};
use testkit::{Fault, Stores, now};

const GRACE: SignedDuration = SignedDuration::from_secs(30);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MOMENT: SignedDuration = SignedDuration::from_millis(1);

struct Scene {
    stores: Stores,
    sessions: Sessions,
    /// When the phone signed in.
    start: Timestamp,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Granted { replaced: bool },
    Reused,
    SignedOut,
}

use Outcome::{Reused, SignedOut};

const GRANTED: Outcome = Outcome::Granted { replaced: false };
const REPLACED: Outcome = Outcome::Granted { replaced: true };

impl Scene {
    async fn new() -> (Self, RefreshToken) {
        let stores = Stores::without_redis().await;
        let (account, sessions, start) = (stores.account("ada").await, stores.sessions(Policy::default()), now());
        let (token, _) = sessions.create_device(login(account), "Phone".to_owned(), start).await.unwrap();
        (Self { stores, sessions, start }, token)
    }

    async fn show(&self, token: &RefreshToken, after: SignedDuration) -> (Outcome, Option<RefreshToken>) {
        match self.sessions.refresh(token, self.start + after).await.unwrap() {
            Refresh::Granted { token, replaced, .. } => (Outcome::Granted { replaced }, Some(token)),
            Refresh::Reused(_) => (Reused, None),
            Refresh::SignedOut => (SignedOut, None),
        }
    }

    /// Shows a token that is valid, and returns the next.
    async fn next(&self, token: &RefreshToken, after: SignedDuration) -> RefreshToken {
        let (outcome, next) = self.show(token, after).await;
        next.unwrap_or_else(|| panic!("{outcome:?}"))
    }

    async fn device(&self, token: &RefreshToken) -> Value {
        self.stores.row("sessions", ("session_id", token.id().as_str())).await.unwrap()["device"].clone()
    }
}

fn same(one: &RefreshToken, other: &RefreshToken) -> bool {
    *one.expose() == *other.expose()
}

/// A tunnel, a closed lid: the phone repeats long after the grace.
#[tokio::test]
async fn an_answer_that_was_lost_for_longer_than_the_grace_leads_to_a_new_successor() {
    let (scene, first) = Scene::new().await;
    let lost = scene.next(&first, GRACE).await;
    let (outcome, again) = scene.show(&first, GRACE + GRACE).await;
    let again = again.unwrap();
    assert_eq!(outcome, REPLACED);
    assert!(!same(&again, &lost) && !same(&again, &first));
    // That answer may be lost too, for a short time and for a long one.
    assert!(same(&scene.next(&first, 3 * GRACE - MOMENT).await, &again));
    let (outcome, third) = scene.show(&first, HOUR).await;
    assert_eq!(outcome, REPLACED);
    let next = scene.next(&third.unwrap(), HOUR + GRACE).await;
    assert_eq!(scene.show(&next, 2 * HOUR).await.0, GRANTED);
}

/// Two parties hold the family. The one whose token was replaced finds out at its next use.
#[tokio::test]
async fn a_successor_that_was_replaced_ends_the_family() {
    let (scene, first) = Scene::new().await;
    let lost = scene.next(&first, GRACE).await;
    let thief = scene.next(&first, HOUR).await;
    assert_eq!(scene.show(&lost, HOUR).await.0, Reused);
    assert_eq!(scene.show(&thief, HOUR).await.0, SignedOut);
}

/// The risk of tolerating lost answers ends with the phone's next refresh, whether or not that rotates.
#[tokio::test]
async fn after_the_grace_the_one_before_is_spent_once_its_successor_was_shown() {
    for shown_after in [GRACE + MOMENT, GRACE + HOUR] {
        let (scene, first) = Scene::new().await;
        let second = scene.next(&first, GRACE).await;
        let third = scene.next(&second, shown_after).await;
        assert_eq!(same(&third, &second), shown_after < 2 * GRACE);
        assert_eq!(scene.show(&first, 2 * HOUR).await.0, Reused, "{shown_after:?}");
        assert_eq!(scene.show(&third, 2 * HOUR).await.0, SignedOut);
    }
}

/// Two requests of one app at once: one uses the token that both were given before the other one arrives.
#[tokio::test]
async fn within_the_grace_the_one_before_leads_on_though_its_successor_was_shown() {
    let (scene, first) = Scene::new().await;
    let second = scene.next(&first, GRACE).await;
    assert!(same(&scene.next(&second, GRACE + MOMENT).await, &second));
    assert!(same(&scene.next(&first, 2 * GRACE - MOMENT).await, &second));
    assert_eq!(scene.show(&first, 2 * GRACE).await.0, Reused);
}

/// Noting that a young token was shown costs one write, and only if it has a predecessor.
#[tokio::test]
async fn the_first_use_of_a_young_token_is_noted_once() {
    let (scene, first) = Scene::new().await;
    let updates = || scene.stores.dynamo_proxy.calls_of("UpdateItem");
    scene.next(&first, MOMENT).await;
    assert_eq!(updates(), 0);
    let second = scene.next(&first, GRACE).await;
    for _ in 0..3 {
        scene.next(&second, GRACE + MOMENT).await;
    }
    assert_eq!(updates(), 2);
    scene.stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
    scene.next(&second, GRACE + MOMENT).await;
}

/// An instance's clock is ahead, or another one's is behind.
#[tokio::test]
async fn a_token_that_was_made_in_the_future_is_young() {
    let (scene, first) = Scene::new().await;
    let second = scene.next(&first, HOUR).await;
    assert!(same(&scene.next(&first, SignedDuration::ZERO).await, &second));
    assert!(same(&scene.next(&second, SignedDuration::ZERO).await, &second));
}

/// The thief shows the previous token while the phone shows the current one: the second write is judged by the first.
#[tokio::test]
async fn a_replacement_that_comes_after_the_phones_use_ends_the_family() {
    for phones in [HOUR, HOUR - GRACE - MOMENT] {
        let (scene, first) = Scene::new().await;
        let second = scene.next(&first, HOUR - GRACE - GRACE).await;
        let mut held = scene.stores.dynamo_proxy.hold_next("UpdateItem");
        let phone = async {
            held.arrived().await;
            let (outcome, _) = scene.show(&second, phones).await;
            held.release();
            outcome
        };
        let (thief, phone) = tokio::join!(scene.show(&first, HOUR), phone);
        assert_eq!((phone, thief.0), (GRANTED, Reused), "{phones:?}");
    }
}

#[tokio::test]
async fn a_use_of_the_phones_that_comes_after_a_replacement_ends_the_family() {
    for phones in [HOUR, HOUR - GRACE - MOMENT] {
        let (scene, first) = Scene::new().await;
        let second = scene.next(&first, HOUR - GRACE - GRACE).await;
        let mut held = scene.stores.dynamo_proxy.hold_next("UpdateItem");
        let thief = async {
            held.arrived().await;
            let (outcome, _) = scene.show(&first, HOUR).await;
            held.release();
            outcome
        };
        let (phone, thief) = tokio::join!(scene.show(&second, phones), thief);
        assert_eq!((phone.0, thief), (Reused, REPLACED), "{phones:?}");
    }
}

/// Two requests of the phone after a lost answer: one replaces the token, the other gets the same one.
#[tokio::test]
async fn two_replacements_at_once_are_one() {
    let (scene, first) = Scene::new().await;
    scene.next(&first, GRACE).await;
    let (one, other) = tokio::join!(scene.next(&first, HOUR), scene.next(&first, HOUR));
    assert!(same(&one, &other));
    assert_eq!(scene.show(&one, 2 * HOUR).await.0, GRANTED);
}

#[tokio::test]
async fn a_replacement_whose_answer_from_the_store_is_lost_shows_nowhere() {
    let (scene, first) = Scene::new().await;
    scene.next(&first, GRACE).await;
    scene.stores.dynamo_proxy.break_next("UpdateItem", &[Fault::LoseAnswer]);
    let second = scene.next(&first, HOUR).await;
    scene.stores.dynamo_proxy.break_next("UpdateItem", &[Fault::LoseAnswer]);
    assert!(same(&scene.next(&second, HOUR + MOMENT).await, &second), "its use is noted");
    assert_eq!(scene.show(&second, 2 * HOUR).await.0, GRANTED);
}

/// A phone that loses answers, for any time and any number of times, is never taken for a thief.
#[tokio::test]
async fn a_phone_that_is_alone_is_never_signed_out() {
    for seed in 1..=20_i64 {
        let (scene, mut token) = Scene::new().await;
        let (mut after, mut dice) = (SignedDuration::ZERO, seed);
        for _ in 0..12 {
            dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648;
            after += [MOMENT, GRACE - MOMENT, GRACE, HOUR][usize::try_from(dice / 65_536 % 4).unwrap()];
            let next = scene.next(&token, after).await;
            let arrives = dice / 1_048_576 % 3 > 0;
            token = if arrives { next } else { token };
        }
    }
}

/// A sealed half is given out only if it is the half that the row expects.
#[tokio::test]
async fn a_seal_that_opens_to_something_else_gives_nothing() {
    let (scene, first) = Scene::new().await;
    let second = scene.next(&first, GRACE).await;
    let id = first.id();
    for sealed in [json!("A".repeat(43)), json!("junk"), Value::Null] {
        scene.stores.change("sessions", ("session_id", id.as_str()), |row| row["device"]["sealed"] = sealed).await;
        assert!(scene.sessions.refresh(&first, scene.start + GRACE).await.is_err());
    }
    assert_eq!(scene.show(&second, HOUR).await.0, GRANTED);
}

/// Rows of the previous version do not say what was shown, and that version ignores fields it does not know.
#[tokio::test]
async fn a_row_says_only_that_a_token_was_shown() {
    let (scene, first) = Scene::new().await;
    let second = scene.next(&first, GRACE).await;
    assert_eq!(scene.device(&first).await.get("shown"), None);
    scene.next(&second, GRACE + MOMENT).await;
    assert_eq!(scene.device(&first).await["shown"], true);
    scene.next(&second, HOUR).await;
    assert_eq!(scene.device(&first).await.get("shown"), None);
}
