//! Who is told of which sign-in, on real stores.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

use environment::Environment;
use jiff::{SignedDuration, Timestamp};
use notice::{Begun, Notice, Settings};
use outbox::{Letter, Locale, Matter, Outbox};
use session::{Account, Client, Login, Policy, Session, Sessions, Why};
use testkit::{Fault, Logs, Stores, now};

const HOME: (&str, &str) = ("203.0.113.7", "Browser/1.0");
const DAY: SignedDuration = SignedDuration::from_hours(24);

struct Scene {
    stores: Stores,
    sessions: Sessions,
    outbox: Outbox,
    account_created_at: Timestamp,
    start: Timestamp,
}

fn settings(variables: &[(&str, &str)]) -> Result<Settings, environment::Faults> {
    let mut environment = Environment::of(variables.iter().copied());
    let settings = Settings::from_environment(&mut environment);
    environment.finish(Some(settings))
}

impl Scene {
    async fn new() -> Self {
        let stores = Stores::without_redis().await;
        let sessions = stores.sessions(Policy::default());
        let outbox = Outbox::new(stores.dynamo());
        stores.account("ada").await;
        let start = now();
        Self { stores, sessions, outbox, account_created_at: start, start }
    }

    async fn sign_in(&self, user_id: &str, place: (&str, &str), at: Timestamp) -> (Session, Client) {
        let account = self.stores.stored_account(user_id).await;
        self.sign_in_as(account, place, at).await
    }

    async fn sign_in_as(&self, account: Account, (ip, agent): (&str, &str), at: Timestamp) -> (Session, Client) {
        let client = Client { ip: Some(ip.to_owned()), user_agent: Some(agent.to_owned()) };
        let login = Login { account, auth_method: "password".to_owned(), client: client.clone(), presented: None };
        (self.sessions.create(login, at).await.expect("a session").1, client)
    }

    async fn tell(&self, variables: &[(&str, &str)], (session, client): &(Session, Client), at: Timestamp) {
        let notice = Notice::new(settings(variables).unwrap(), self.outbox.clone());
        let begun = Begun { session, account_created_at: self.account_created_at, client, locale: Locale::Pt };
        notice.after(&self.sessions, begun, at).await;
    }

    /// Signs in, and tells if there is something to tell.
    async fn enter(&self, place: (&str, &str), at: Timestamp) -> usize {
        let before = self.letters().await.len();
        let begun = self.sign_in("ada", place, at).await;
        self.tell(&[], &begun, at).await;
        self.letters().await.len() - before
    }

    async fn letters(&self) -> Vec<Letter> {
        self.outbox.due(Timestamp::MAX).await.expect("letters")
    }
}

#[tokio::test]
async fn the_first_sign_in_to_a_new_account_is_no_news() {
    let scene = Scene::new().await;
    assert_eq!(scene.enter(HOME, scene.start).await, 0);
}

/// To the millisecond.
#[tokio::test]
async fn the_first_sign_in_to_an_account_of_a_day_is_news() {
    for (age, letters) in [(DAY - SignedDuration::from_millis(1), 0), (DAY, 1), (1_000 * DAY, 1)] {
        let mut scene = Scene::new().await;
        scene.account_created_at = scene.start - age;
        assert_eq!(scene.enter(HOME, scene.start).await, letters, "{age}");
    }
}

/// A stolen password is tried at accounts that nobody has used for long.
#[tokio::test]
async fn whoever_was_away_for_90_days_is_told_even_of_home() {
    for (after, letters) in [(90 * DAY, 0), (90 * DAY + SignedDuration::from_millis(1), 1)] {
        let scene = Scene::new().await;
        scene.enter(HOME, scene.start).await;
        assert_eq!(scene.enter(HOME, scene.start + after).await, letters);
    }
}

#[tokio::test]
async fn a_sign_in_from_a_new_place_is_told_once() {
    let scene = Scene::new().await;
    scene.enter(HOME, scene.start).await;
    assert_eq!(scene.enter(HOME, scene.start).await, 0, "the same place");
    assert_eq!(scene.enter(("203.0.113.99", "Browser/2.0"), scene.start).await, 0, "nearly the same");
    assert_eq!(scene.enter(("198.51.100.1", "Browser/1.0"), scene.start).await, 1, "another network");
    assert_eq!(scene.enter(("198.51.100.1", "Browser/1.0"), scene.start).await, 0, "known by now");
    let later = scene.start + DAY;
    assert_eq!(scene.enter(("203.0.113.7", "Other/1.0"), later).await, 1, "another program");

    let letter = &scene.letters().await[0];
    let (ip, user_agent) = (Some("198.51.100.1".to_owned()), Some("Browser/1.0".to_owned()));
    assert_eq!(letter.matter, Matter::SignIn { at: scene.start, ip, user_agent });
    assert_eq!((letter.to.as_str(), letter.locale), ("ada@example.com", Locale::Pt));
}

#[tokio::test]
async fn a_place_is_remembered_for_90_days_to_the_millisecond() {
    for (after, letters) in [(90 * DAY, 0), (90 * DAY + SignedDuration::from_millis(1), 1)] {
        let scene = Scene::new().await;
        scene.enter(HOME, scene.start).await;
        scene.enter(("198.51.100.1", "Browser/1.0"), scene.start + DAY).await;
        assert_eq!(scene.enter(HOME, scene.start + after).await, letters);
    }
}

/// A sign-out, or a password change after a theft, does not make home a new place.
#[tokio::test]
async fn sessions_that_have_ended_count() {
    let scene = Scene::new().await;
    let (home, _) = scene.sign_in("ada", HOME, scene.start).await;
    scene.sessions.end_one("ada", &home.id, Why::Ended, scene.start).await.unwrap();
    assert_eq!(scene.enter(HOME, scene.start).await, 0);
    assert_eq!(scene.enter(("198.51.100.1", "Browser/1.0"), scene.start).await, 1);
}

#[tokio::test]
async fn the_places_of_others_are_not_known() {
    let scene = Scene::new().await;
    scene.stores.account("eve").await;
    scene.sign_in("eve", ("198.51.100.1", "Browser/1.0"), scene.start).await;
    scene.enter(HOME, scene.start).await;
    assert_eq!(scene.enter(("198.51.100.1", "Browser/1.0"), scene.start).await, 1);
}

/// Nobody gets mail about an account who has not proven to own its address.
#[tokio::test]
async fn only_a_proven_address_gets_mail() {
    let scene = Scene::new().await;
    scene.sign_in("ada", HOME, scene.start).await;
    let account = scene.stores.stored_account("ada").await;
    for account in [Account { email_verified: false, ..account.clone() }, Account { email: None, ..account }] {
        let begun = scene.sign_in_as(account, ("198.51.100.1", "Browser/1.0"), scene.start).await;
        scene.tell(&[], &begun, scene.start).await;
        assert!(scene.letters().await.is_empty());
    }
}

#[tokio::test]
async fn it_can_be_turned_off() {
    let scene = Scene::new().await;
    scene.sign_in("ada", HOME, scene.start).await;
    let begun = scene.sign_in("ada", ("198.51.100.1", "Browser/1.0"), scene.start).await;
    let calls = scene.stores.dynamo_proxy.calls();
    scene.tell(&[("SIGN_IN_NOTICE", "false")], &begun, scene.start).await;
    assert_eq!(scene.stores.dynamo_proxy.calls(), calls, "and costs nothing then");
    assert!(scene.letters().await.is_empty());
    scene.tell(&[("SIGN_IN_NOTICE", "true")], &begun, scene.start).await;
    assert_eq!(scene.letters().await.len(), 1);
    let faults = settings(&[("SIGN_IN_NOTICE", "yes")]).unwrap_err();
    assert_eq!(faults.0[0].name, "SIGN_IN_NOTICE");
}

#[tokio::test]
async fn a_failure_is_logged_and_fails_nothing() {
    let scene = Scene::new().await;
    scene.sign_in("ada", HOME, scene.start).await;
    let begun = scene.sign_in("ada", ("198.51.100.1", "Browser/1.0"), scene.start).await;
    for operation in ["Query", "PutItem"] {
        scene.stores.dynamo_proxy.break_all(Some(operation), Fault::Fail);
        let logs = Logs::capture();
        scene.tell(&[], &begun, scene.start).await;
        let [line] = &logs.lines()[..] else { panic!("{operation}: {}", logs.text()) };
        assert_eq!((&line["level"], &line["user_id"]), (&"WARN".into(), &"ada".into()));
        assert!(!logs.text().contains("example.com") && !logs.text().contains("198.51"), "{}", logs.text());
        scene.stores.dynamo_proxy.heal();
    }
    assert!(scene.letters().await.is_empty());
}
