//! From the mail to the account. ASVS 6.4.1, 2.3.3.

use crate::support::{EMAIL, PASSWORD, Scene, address, asked, is_unknown, registrant, secret, somebody};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use session::Token;
use testkit::{Fault, now};
use users::{Challenge, Error, Registration};

const IDENTITY: (&str, &str) = ("identity", "email#ada@example.com");

/// The only row of `challenges`.
async fn stored(scene: &Scene) -> Value {
    scene.stores.contents().await["test-challenges"][0].clone()
}

#[tokio::test]
async fn an_account_comes_into_being_when_its_address_is_proven() {
    let scene = Scene::new().await;
    let mail = scene.mailed(EMAIL, PASSWORD).await;
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (0, 0), "nothing is reserved");
    assert!(scene.log_in(EMAIL, PASSWORD).await.is_err());
    let account = scene.register(&mail, now()).await.unwrap();
    assert_eq!((account.email.as_deref(), account.email_verified), (Some(EMAIL), true));
    assert_eq!(account.name.as_deref(), Some("Ada"));
    assert_eq!(scene.log_in(EMAIL, PASSWORD).await.unwrap(), account);
}

/// ASVS 6.6.2, 14.2.1: the stored data opens nothing.
#[tokio::test]
async fn a_row_holds_the_hash_of_its_token_and_of_the_password() {
    let scene = Scene::new().await;
    let begun = now();
    let hash = scene.users.hash(&secret(PASSWORD)).await.unwrap();
    let mail = scene
        .users
        .begin_registration(&address(EMAIL), asked(hash.clone(), &registrant()), begun)
        .await
        .unwrap()
        .unwrap();
    let mut row = stored(&scene).await;
    let text = row.to_string();
    assert!(!text.contains(&**mail.expose()) && !text.contains(PASSWORD));
    assert_eq!(row["token_hash"].take().as_str().unwrap().len(), 43);
    let created_at = begun.as_millisecond();
    let expected = json!({
        "token_hash": null, "purpose": "verify", "email": EMAIL, "password_hash": hash, "name": "Ada",
        "browser": registrant().id().as_str(), "created_at": created_at,
        "expires_at": created_at + 3_600_000, "purge_at": created_at / 1000 + 25 * 3600,
    });
    assert_eq!(row, expected);
    scene.register(&mail, now()).await.unwrap();
    let row = stored(&scene).await;
    assert!(row["used_at"].is_number() && row["password_hash"].is_null(), "{row}");
}

#[tokio::test]
async fn an_address_with_an_account_gets_no_challenge() {
    let (scene, _) = Scene::with_ada().await;
    scene.enter(&somebody("eve", "eve@example.com")).await.unwrap();
    for email in [EMAIL, "eve@example.com"] {
        let begun = scene.users.begin_registration(&address(email), asked(String::new(), &registrant()), now()).await;
        assert!(matches!(begun, Ok(None)), "{email}: {begun:?}");
    }
    assert_eq!(scene.count("challenges").await, 0);
}

#[tokio::test]
async fn a_challenge_is_good_once_and_for_an_hour() {
    let scene = Scene::new().await;
    let mail = scene.mailed(EMAIL, PASSWORD).await;
    let late = now() + SignedDuration::from_hours(1);
    assert!(matches!(scene.register(&mail, late).await, Err(Error::Spent)));
    let expires_at = stored(&scene).await["expires_at"].as_i64().unwrap();
    let last = Timestamp::from_millisecond(expires_at - 1).unwrap();
    scene.register(&mail, last).await.unwrap();
    let contents = scene.stores.contents().await;
    for when in [now(), last, late] {
        assert!(matches!(scene.register(&mail, when).await, Err(Error::Used { .. })));
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// Not even after the account was deleted.
#[tokio::test]
async fn a_used_challenge_makes_no_second_account() {
    let scene = Scene::new().await;
    let mail = scene.mailed(EMAIL, PASSWORD).await;
    let account = scene.register(&mail, now()).await.unwrap();
    let row = stored(&scene).await;
    let other = Scene::new().await;
    other.stores.put("challenges", &row).await;
    let again = other.register(&mail, now()).await;
    assert!(matches!(&again, Err(Error::Used { user_id }) if *user_id == account.user_id), "{again:?}");
    assert_eq!(other.count("users").await, 0);
}

#[tokio::test]
async fn what_is_no_challenge_for_this_is_spent() {
    let (scene, _) = Scene::with_ada().await;
    let contents = scene.stores.contents().await;
    let made_up = Challenge::generate().unwrap();
    assert!(matches!(scene.register(&made_up, now()).await, Err(Error::Spent)));
    assert_eq!(scene.stores.contents().await, contents);
    let reset = scene.reset_mail(EMAIL).await;
    assert!(matches!(scene.register(&reset, now()).await, Err(Error::Spent)));
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_stays_as_it_is() {
    let scene = Scene::new().await;
    let mail = scene.mailed(EMAIL, "another long password").await;
    scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
    let contents = scene.stores.contents().await;
    assert!(matches!(scene.register(&mail, now()).await, Err(Error::Taken)));
    assert_eq!(scene.stores.contents().await, contents);
    assert!(scene.log_in(EMAIL, PASSWORD).await.is_ok());
}

/// ASVS 2.3.3, 2.3.4, 15.4.1–15.4.3.
#[tokio::test]
async fn fifty_proofs_of_one_address_make_one_account() {
    let scene = Scene::new().await;
    let mails = join_all((0..25).map(|_| scene.mailed(EMAIL, PASSWORD))).await;
    let twice = mails.iter().chain(&mails);
    let results = join_all(twice.map(|mail| scene.register(mail, now()))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert!(
        results.iter().all(|result| matches!(result, Ok(_) | Err(Error::Taken | Error::Used { .. }))),
        "{results:?}"
    );
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (1, 1));
}

/// The address is free again, but the link was already used.
#[tokio::test]
async fn a_challenge_that_is_used_meanwhile_makes_no_account() {
    let scene = Scene::new().await;
    let mail = scene.mailed(EMAIL, PASSWORD).await;
    let mut row = stored(&scene).await;
    row["used_at"] = json!(now().as_millisecond());
    let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
    let use_up = async {
        held.arrived().await;
        scene.stores.put("challenges", &row).await;
        held.release();
    };
    let (registered, ()) = tokio::join!(scene.register(&mail, now()), use_up);
    assert!(matches!(registered, Err(Error::Spent)), "{registered:?}");
    assert_eq!(scene.count("users").await, 0);
}

#[tokio::test]
async fn a_registration_whose_answer_is_lost_is_no_second_account() {
    let scene = Scene::new().await;
    let mail = scene.mailed(EMAIL, PASSWORD).await;
    scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::LoseAnswer; 3]);
    assert!(is_unknown(&scene.register(&mail, now()).await));
    assert!(matches!(scene.register(&mail, now()).await, Err(Error::Used { .. })));
    assert_eq!(scene.count("users").await, 1);
    assert!(scene.log_in(EMAIL, PASSWORD).await.is_ok(), "the person signs in");
}

#[tokio::test]
async fn a_store_that_fails_spends_nothing() {
    let scene = Scene::new().await;
    let mail = scene.mailed(EMAIL, PASSWORD).await;
    for operation in ["GetItem", "TransactWriteItems"] {
        scene.stores.dynamo_proxy.break_all(Some(operation), Fault::Fail);
        assert!(is_unknown(&scene.register(&mail, now()).await), "{operation}");
        scene.stores.dynamo_proxy.heal();
    }
    scene.register(&mail, now()).await.unwrap();
    assert!(scene.stores.row("user_identities", IDENTITY).await.is_some());
}

/// Otherwise the owner of an address who follows a stranger's link has an account whose password the stranger knows.
#[tokio::test]
async fn another_browser_gives_a_password_and_gets_no_name() {
    let scene = Scene::new().await;
    let mail = scene.mailed(EMAIL, PASSWORD).await;
    let contents = scene.stores.contents().await;
    let other = Token::generate().unwrap();
    for browser in [None, Some(&other)] {
        let registered = scene.register_in(browser, &mail, None, now()).await;
        assert!(matches!(registered, Err(Error::PasswordNeeded)), "{registered:?}");
    }
    assert_eq!(scene.stores.contents().await, contents, "the token stays good");
    let account = scene.register_in(Some(&other), &mail, Some("another long password"), now()).await.unwrap();
    assert_eq!((account.email.as_deref(), account.name.as_deref()), (Some(EMAIL), None));
    assert!(scene.log_in(EMAIL, "another long password").await.is_ok());
    assert!(scene.log_in(EMAIL, PASSWORD).await.is_err(), "the password of whoever asked opens nothing");
}

#[tokio::test]
async fn the_password_that_is_given_with_the_token_wins() {
    let scene = Scene::new().await;
    let mail = scene.mailed(EMAIL, PASSWORD).await;
    let given = Some("another long password");
    let account = scene.register_in(Some(&registrant()), &mail, given, now()).await.unwrap();
    assert_eq!(account.name.as_deref(), Some("Ada"), "it is the browser that chose it");
    assert!(scene.log_in(EMAIL, "another long password").await.is_ok() && scene.log_in(EMAIL, PASSWORD).await.is_err());
}

/// A row of the previous version: it is unknown which browser asked.
#[tokio::test]
async fn a_row_without_a_browser_is_no_browsers() {
    let scene = Scene::new().await;
    let hash = scene.users.hash(&secret(PASSWORD)).await.unwrap();
    let unknown = Registration { browser: None, ..asked(hash, &registrant()) };
    let mail = scene.users.begin_registration(&address(EMAIL), unknown, now()).await.unwrap().unwrap();
    for browser in [None, Some(&registrant())] {
        let registered = scene.register_in(browser, &mail, None, now()).await;
        assert!(matches!(registered, Err(Error::PasswordNeeded)), "{registered:?}");
    }
    scene.register_in(None, &mail, Some(PASSWORD), now()).await.unwrap();
}

/// A letter may be older than today's rule.
#[tokio::test]
async fn a_name_that_cannot_be_shown_is_left_out() {
    let scene = Scene::new().await;
    let hash = scene.users.hash(&secret(PASSWORD)).await.unwrap();
    let odd = Registration { name: Some("\u{202e}".to_owned()), ..asked(hash, &registrant()) };
    let mail = scene.users.begin_registration(&address(EMAIL), odd, now()).await.unwrap().unwrap();
    assert_eq!(scene.register(&mail, now()).await.unwrap().name, None);
}
