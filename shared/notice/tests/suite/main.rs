//! Which sign-ins are reported to whom, on real stores.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

use environment::Environment;
use jiff::{SignedDuration, Timestamp};
use notice::Notice;
use outbox::{Letter, Locale, Matter, Outbox};
use session::{Account, Change, Client, Ending, Login, Policy, Session, Sessions, Token, Why};
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

fn notice(variables: &[(&str, &str)], outbox: &Outbox) -> Result<Notice, environment::Faults> {
    let mut environment = Environment::of(variables.iter().copied());
    let notice = Notice::from_environment(&mut environment, outbox);
    environment.finish(Some(notice))
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

    /// Signs in as this account, and reports it if the place is new.
    async fn begin(&self, variables: &[(&str, &str)], account: Account, client: Client, at: Timestamp) -> Session {
        let notice = notice(variables, &self.outbox).unwrap();
        let account = Account { created_at: self.account_created_at, ..account };
        let login = Login { account, auth_method: "password".to_owned(), client, presented: None };
        notice.begin(&self.sessions, login, Locale::Pt, at).await.expect("a session").finish().await.1
    }

    async fn sign_in(&self, user_id: &str, place: (&str, &str), at: Timestamp) -> Session {
        self.begin(&[], self.stores.stored_account(user_id).await, client(place), at).await
    }

    /// Signs in, and counts the letters.
    async fn enter(&self, place: (&str, &str), at: Timestamp) -> usize {
        self.enter_by(client(place), at).await
    }

    async fn enter_by(&self, client: Client, at: Timestamp) -> usize {
        let before = self.letters().await.len();
        self.begin(&[], self.stores.stored_account("ada").await, client, at).await;
        self.letters().await.len() - before
    }

    async fn letters(&self) -> Vec<Letter> {
        self.outbox.due(Timestamp::MAX).await.expect("letters")
    }
}

fn client((ip, agent): (&str, &str)) -> Client {
    Client { ip: Some(ip.to_owned()), user_agent: Some(agent.to_owned()), browser: None }
}

/// A browser that keeps this value, at a place that is new each time.
fn browser(value: &Token, number: u8) -> Client {
    Client { browser: Some(value.clone()), ..client((&format!("198.51.{number}.1"), "Browser/1.0")) }
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

/// Stolen passwords are tried at accounts that are long unused.
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

/// Home does not become a new place after a sign-out, or after a password change that followed a theft.
#[tokio::test]
async fn sessions_that_have_ended_count() {
    let scene = Scene::new().await;
    let home = scene.sign_in("ada", HOME, scene.start).await;
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

/// No mail about an account goes to an address that its user has not proven.
#[tokio::test]
async fn only_a_proven_address_gets_mail() {
    let scene = Scene::new().await;
    scene.sign_in("ada", HOME, scene.start).await;
    let account = scene.stores.stored_account("ada").await;
    for account in [Account { email_verified: false, ..account.clone() }, Account { email: None, ..account }] {
        scene.begin(&[], account, client(("198.51.100.1", "Browser/1.0")), scene.start).await;
        assert!(scene.letters().await.is_empty());
    }
}

#[tokio::test]
async fn it_can_be_turned_off() {
    let scene = Scene::new().await;
    scene.sign_in("ada", HOME, scene.start).await;
    let account = scene.stores.stored_account("ada").await;
    let elsewhere = |number: u8| client((&format!("198.51.{number}.1"), "Browser/1.0")).clone();
    let queries = scene.stores.dynamo_proxy.calls_of("Query");
    scene.begin(&[("SIGN_IN_NOTICE", "false")], account.clone(), elsewhere(1), scene.start).await;
    assert_eq!(scene.stores.dynamo_proxy.calls_of("Query"), queries, "and costs nothing then");
    assert!(scene.letters().await.is_empty());
    scene.begin(&[("SIGN_IN_NOTICE", "true")], account, elsewhere(2), scene.start).await;
    assert_eq!(scene.letters().await.len(), 1);
    let Err(faults) = notice(&[("SIGN_IN_NOTICE", "yes")], &scene.outbox) else { panic!("neither") };
    assert_eq!(faults.0[0].name, "SIGN_IN_NOTICE");
}

#[tokio::test]
async fn a_failure_is_logged_and_fails_nothing() {
    let scene = Scene::new().await;
    scene.sign_in("ada", HOME, scene.start).await;
    for (number, operation) in ["Query", "PutItem"].into_iter().enumerate() {
        scene.stores.dynamo_proxy.break_all(Some(operation), Fault::Fail);
        let logs = Logs::capture();
        scene.sign_in("ada", (&format!("198.51.{number}.1"), "Browser/1.0"), scene.start).await;
        let [line] = &logs.lines()[..] else { panic!("{operation}: {}", logs.text()) };
        assert_eq!((&line["level"], &line["user_id"]), (&"WARN".into(), &"ada".into()));
        assert!(!logs.text().contains("example.com") && !logs.text().contains("198.51"), "{}", logs.text());
        scene.stores.dynamo_proxy.heal();
    }
    assert!(scene.letters().await.is_empty());
}

/// A device keeps no value: it is recognized by its place.
#[tokio::test]
async fn a_device_is_told_like_a_browser() {
    let scene = Scene::new().await;
    scene.sign_in("ada", HOME, scene.start).await;
    let notice = notice(&[], &scene.outbox).unwrap();
    for (number, letters) in [(1, 1), (1, 1), (2, 2)] {
        let account = scene.stores.stored_account("ada").await;
        let client = client((&format!("198.51.{number}.1"), "App/1.0"));
        let login = Login { account, auth_method: "password".to_owned(), client, presented: None };
        let begun = notice.begin_device(&scene.sessions, login, "Phone".to_owned(), Locale::En, scene.start).await;
        begun.unwrap().finish().await;
        assert_eq!(scene.letters().await.len(), letters);
    }
}

/// A phone on changing networks: before, six sign-ins caused five mails.
#[tokio::test]
async fn a_browser_that_has_signed_in_before_is_known_wherever_it_is() {
    let scene = Scene::new().await;
    let phone = Token::generate().unwrap();
    for number in 0..6 {
        assert_eq!(scene.enter_by(browser(&phone, number), scene.start).await, 0, "{number}");
    }
    let made_up = Token::generate().unwrap();
    assert_eq!(
        scene.enter_by(browser(&made_up, 6), scene.start).await,
        1,
        "a value that is made up is known to nobody"
    );
    assert_eq!(scene.enter_by(browser(&made_up, 7), scene.start).await, 0, "of this one the user has heard");
}

/// If a user has signed in to one account in a browser, another account does not recognize that browser. The rows of
/// two users do not show that they share a browser.
#[tokio::test]
async fn a_browser_is_known_to_its_user_alone() {
    let scene = Scene::new().await;
    scene.stores.account("eve").await;
    let shared = Token::generate().unwrap();
    let eve = scene.begin(&[], scene.stores.stored_account("eve").await, browser(&shared, 0), scene.start).await;
    scene.enter(HOME, scene.start).await;
    assert_eq!(scene.enter_by(browser(&shared, 1), scene.start).await, 1);
    let ada = scene.sign_in("ada", HOME, scene.start).await;
    let ada_again = scene.begin(&[], scene.stores.stored_account("ada").await, browser(&shared, 2), scene.start).await;
    let mut marks = Vec::new();
    for session in [&eve, &ada, &ada_again] {
        let row = scene.stores.row("sessions", ("session_id", session.id.as_str())).await.unwrap();
        assert!(!row.to_string().contains(&**shared.expose()) && !row.to_string().contains(shared.id().as_str()));
        marks.push(row["browser"].clone());
    }
    assert!(marks[0].is_string() && marks[1].is_null() && marks[2].is_string() && marks[0] != marks[2], "{marks:?}");
}

/// After a new password, a reset or a sign-out everywhere, a thief's browser is no longer recognized.
#[tokio::test]
async fn an_ending_of_everything_forgets_the_browsers_without_a_write() {
    let scene = Scene::new().await;
    let phone = Token::generate().unwrap();
    scene.enter_by(browser(&phone, 0), scene.start).await;
    let (why, change) = (Why::LogoutAll, Change::Nothing);
    let ending = Ending { why, epoch: None, change, also: Vec::new() };
    scene.sessions.end_user("ada", ending, scene.start).await.unwrap();
    assert_eq!(scene.enter_by(browser(&phone, 1), scene.start).await, 1);
    assert_eq!(scene.enter_by(browser(&phone, 2), scene.start).await, 0, "known again");
}

#[tokio::test]
async fn a_browser_is_remembered_for_90_days_to_the_millisecond() {
    for (after, letters) in [(90 * DAY, 0), (90 * DAY + SignedDuration::from_millis(1), 1)] {
        let scene = Scene::new().await;
        let phone = Token::generate().unwrap();
        scene.enter_by(browser(&phone, 0), scene.start).await;
        assert_eq!(scene.enter_by(browser(&phone, 1), scene.start + after).await, letters);
    }
}

/// Rows as the previous version wrote them: neither browser nor epoch.
#[tokio::test]
async fn rows_without_a_mark_are_known_by_their_place() {
    let scene = Scene::new().await;
    let phone = Token::generate().unwrap();
    let session = scene.begin(&[], scene.stores.stored_account("ada").await, browser(&phone, 0), scene.start).await;
    let key = ("session_id", session.id.as_str());
    let without = |row: &mut serde_json::Value| {
        let row = row.as_object_mut().unwrap();
        assert!(row.remove("browser").is_some() && row.remove("epoch").is_some());
    };
    scene.stores.change("sessions", key, without).await;
    assert_eq!(scene.enter_by(browser(&phone, 0), scene.start).await, 0);
    assert_eq!(scene.enter_by(client(("198.51.9.1", "Browser/1.0")), scene.start).await, 1);
}

/// Otherwise a session could begin of which its user is not told.
#[test]
fn every_function_begins_its_sessions_here() {
    let functions = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions");
    let sources = std::fs::read_dir(functions).unwrap().map(|function| function.unwrap().path().join("src"));
    let files = sources.flat_map(|source| std::fs::read_dir(source).unwrap()).map(|file| file.unwrap().path());
    let mut begun = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let direct = ["essions.create", "essions.begin", "Sessions::create", "Sessions::begin"];
        assert!(direct.iter().all(|call| !text.contains(call)), "{} begins a session by itself", file.display());
        begun += text.matches("notice.begin").count();
    }
    assert!(begun >= 5, "password, provider, registration, change of password, device: {begun}");
}
