//! A password is set by the reader of the account's mail. ASVS 6.4.3, 7.4.3.

use crate::support::{EMAIL, PASSWORD, Scene, address, is_unknown, letter, secret, somebody};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use testkit::{Fault, Stores, now, on_both_stores};
use users::{Addressee, Challenge, Email, Error, Reset};

const IDENTITY: (&str, &str) = ("identity", "email#ada@example.com");
const NEW: &str = "an entirely new passphrase";

impl Scene {
    async fn reset(&self, mail: &Challenge, password: &str) -> Result<Reset, Error> {
        self.reset_at(mail, password, now()).await
    }

    async fn reset_at(&self, mail: &Challenge, password: &str, at: Timestamp) -> Result<Reset, Error> {
        let mailed = self.users.mailed(mail).await?;
        self.users.reset_password(&self.sessions(), mailed, &secret(password), letter, at).await
    }

    async fn addressee(&self, mail: &Challenge) -> Option<Addressee> {
        self.users.mailed(mail).await.unwrap().addressee()
    }

    async fn epoch(&self, user_id: &str) -> u64 {
        self.stores.stored_account(user_id).await.security_epoch
    }
}

fn spent<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Spent))
}

on_both_stores! {
    async fn a_reset_sets_the_password_and_ends_every_session(stores) {
        let scene = Scene::on(stores);
        let user_id = scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
        let (one, two) = (scene.sign_in(EMAIL, PASSWORD).await.unwrap(), scene.sign_in(EMAIL, PASSWORD).await.unwrap());
        let mail = scene.reset_mail(EMAIL).await;
        let reset = scene.reset(&mail, NEW).await.unwrap();
        assert_eq!((&reset.ended.user_id, reset.ended.sessions, reset.ended.epoch), (&user_id, 2, 1));
        assert_eq!(reset.email.as_str(), EMAIL);
        assert!(!scene.lives(&one).await && !scene.lives(&two).await);
        assert!(scene.log_in(EMAIL, PASSWORD).await.is_err());
        scene.sign_in(EMAIL, NEW).await.unwrap();
        let row = scene.stores.row("sessions", ("session_id", one.id().as_str())).await.unwrap();
        assert_eq!(row["revoked_why"], "password_reset");
    }
}

/// The letter is committed with the password, once.
#[tokio::test]
async fn a_reset_writes_one_letter() {
    let (scene, _) = Scene::with_ada().await;
    let mail = scene.reset_mail(EMAIL).await;
    assert!(spent(&scene.reset(&Challenge::generate().unwrap(), NEW).await));
    assert_eq!(scene.count("outbox").await, 0);
    scene.reset(&mail, NEW).await.unwrap();
    assert_eq!(scene.stores.contents().await["test-outbox"], json!([{ "mail_id": EMAIL }]));
    scene
        .stores
        .dynamo_itself()
        .client()
        .delete_item()
        .table_name("test-outbox")
        .key("mail_id", dynamo::text(EMAIL))
        .send()
        .await
        .unwrap();
    scene.reset(&mail, NEW).await.unwrap();
    assert_eq!(scene.count("outbox").await, 0, "a repeat writes none");
}

#[tokio::test]
async fn a_challenge_tells_whom_it_was_sent_to() {
    let (scene, user_id) = Scene::with_ada().await;
    let mail = scene.reset_mail(EMAIL).await;
    let expected = Some(Addressee { user_id, email: address(EMAIL) });
    assert_eq!(scene.addressee(&mail).await, expected);
    scene.reset(&mail, NEW).await.unwrap();
    assert_eq!(scene.addressee(&mail).await, expected, "used ones too");
    for other in [Challenge::generate().unwrap(), scene.mailed("eve@example.com", NEW).await] {
        assert_eq!(scene.addressee(&other).await, None);
    }
}

#[tokio::test]
async fn an_account_without_a_password_gets_its_first_one() {
    let scene = Scene::new().await;
    let (user_id, _) = scene.enter(&somebody("ada", EMAIL)).await.unwrap();
    assert!(scene.log_in(EMAIL, NEW).await.is_err());
    scene.reset(&scene.reset_mail(EMAIL).await, NEW).await.unwrap();
    assert_eq!(scene.log_in(EMAIL, NEW).await.unwrap().user_id, user_id);
}

#[tokio::test]
async fn the_old_password_may_be_set_again_and_still_ends_everything() {
    let (scene, _) = Scene::with_ada().await;
    let token = scene.sign_in(EMAIL, PASSWORD).await.unwrap();
    scene.reset(&scene.reset_mail(EMAIL).await, PASSWORD).await.unwrap();
    assert!(!scene.lives(&token).await);
}

#[tokio::test]
async fn nobody_gets_a_challenge_who_may_not_use_it() {
    let (scene, _) = Scene::with_ada().await;
    let disabled = scene.add("disabled@example.com", Some(PASSWORD)).await.unwrap();
    scene.stores.change("users", ("user_id", &disabled), |row| row["status"] = json!("disabled")).await;
    scene.add("unproven@example.com", Some(PASSWORD)).await.unwrap();
    let unproven = ("identity", "email#unproven@example.com");
    scene.stores.change("user_identities", unproven, |row| row["verified"] = json!(false)).await;
    for email in ["nobody@example.com", "disabled@example.com", "unproven@example.com"] {
        let begun = scene.users.begin_reset(&address(email), now()).await;
        assert!(matches!(begun, Ok(None)), "{email}: {begun:?}");
    }
    assert_eq!(scene.count("challenges").await, 0);
}

/// ASVS 6.6.2.
#[tokio::test]
async fn a_row_holds_no_token_and_no_password() {
    let (scene, user_id) = Scene::with_ada().await;
    let mail = scene.reset_mail(EMAIL).await;
    let row = scene.stores.contents().await["test-challenges"][0].clone();
    assert!(!row.to_string().contains(&**mail.expose()));
    assert_eq!((&row["purpose"], &row["email"], &row["user_id"]), (&json!("reset"), &json!(EMAIL), &json!(user_id)));
    assert_eq!((&row["security_epoch"], row.get("password_hash")), (&json!(0), None));
}

/// ASVS 6.5.1, 6.5.5: all invalid challenges are refused alike, and cost the same.
#[tokio::test]
async fn what_is_no_challenge_for_this_is_spent_after_the_same_reads() {
    let (scene, user_id) = Scene::with_ada().await;
    let mut refused = vec![("unknown", Challenge::generate().unwrap(), now())];
    refused.push(("for something else", scene.mailed("eve@example.com", NEW).await, now()));
    refused.push(("expired", scene.reset_mail(EMAIL).await, now() + SignedDuration::from_hours(1)));
    let used = scene.reset_mail(EMAIL).await;
    let outlived = scene.reset_mail(EMAIL).await;
    scene.reset(&used, NEW).await.unwrap();
    refused.push(("used", used.clone(), now()));
    refused.push(("used long ago", used, now() + SignedDuration::from_hours(1)));
    refused.push(("from before another reset", outlived, now()));
    let disabled = scene.reset_mail(EMAIL).await;
    let contents = scene.stores.contents().await;
    let mut costs = Vec::new();
    for (what, mail, at) in &refused {
        // The used one is shown with another password than the first time.
        let password = if what.contains("long ago") { NEW } else { PASSWORD };
        let before = scene.stores.dynamo_proxy.calls();
        let reset = scene.reset_at(mail, password, *at).await;
        assert!(spent(&reset), "{what}: {reset:?}");
        costs.push((what, scene.stores.dynamo_proxy.calls() - before));
    }
    assert_eq!(scene.stores.contents().await, contents);
    scene.stores.change("users", ("user_id", &user_id), |row| row["status"] = json!("disabled")).await;
    let before = scene.stores.dynamo_proxy.calls();
    assert!(spent(&scene.reset(&disabled, PASSWORD).await));
    costs.push((&"disabled meanwhile", scene.stores.dynamo_proxy.calls() - before));
    assert!(costs.iter().all(|(_, cost)| *cost == 2), "{costs:?}");
}

#[tokio::test]
async fn a_challenge_lasts_to_the_end_of_its_hour() {
    let (scene, _) = Scene::with_ada().await;
    let mail = scene.reset_mail(EMAIL).await;
    let row = scene.stores.contents().await["test-challenges"][0].clone();
    let at = |by: i64| Timestamp::from_millisecond(row["expires_at"].as_i64().unwrap() + by).unwrap();
    assert_eq!(row["expires_at"].as_i64().unwrap() - row["created_at"].as_i64().unwrap(), 3_600_000);
    assert!(spent(&scene.reset_at(&mail, NEW, at(0)).await));
    scene.reset_at(&mail, NEW, at(-1)).await.unwrap();
}

/// Anything that ends all sessions: a reset, a change, a sign-out everywhere.
#[tokio::test]
async fn a_challenge_dies_with_the_epoch_it_was_made_under() {
    let (scene, _) = Scene::with_ada().await;
    let (mail, token) = (scene.reset_mail(EMAIL).await, scene.sign_in(EMAIL, PASSWORD).await.unwrap());
    scene.sessions().revoke_all(&token, now()).await.unwrap();
    assert!(spent(&scene.reset(&mail, NEW).await));
}

/// The address was given to another account, or lost its proof.
#[tokio::test]
async fn a_challenge_opens_the_account_it_was_made_for_alone() {
    let (scene, _) = Scene::with_ada().await;
    let eve = scene.add("eve@example.com", Some(PASSWORD)).await.unwrap();
    let mail = scene.reset_mail(EMAIL).await;
    scene.stores.change("user_identities", IDENTITY, |row| row["user_id"] = json!(eve)).await;
    assert!(spent(&scene.reset(&mail, NEW).await));
    assert_eq!(scene.epoch(&eve).await, 0);
}

/// ASVS 2.3.3, 15.4.1–15.4.3.
#[tokio::test]
async fn fifty_uses_of_one_challenge_set_one_password() {
    let (scene, user_id) = Scene::with_ada().await;
    let mail = scene.reset_mail(EMAIL).await;
    let passwords: Vec<_> = (0..50).map(|number| format!("new passphrase {number}")).collect();
    let results = join_all(passwords.iter().map(|password| scene.reset(&mail, password))).await;
    let won: Vec<_> = results.iter().zip(&passwords).filter(|(result, _)| result.is_ok()).collect();
    let [(_, password)] = &won[..] else { panic!("one: {results:?}") };
    assert!(results.iter().all(|result| result.is_ok() || spent(result)), "{results:?}");
    assert_eq!(scene.epoch(&user_id).await, 1);
    assert!(scene.log_in(EMAIL, password).await.is_ok());
}

#[tokio::test]
async fn a_login_with_the_old_password_does_not_survive_a_reset() {
    let (scene, _) = Scene::with_ada().await;
    let mail = scene.reset_mail(EMAIL).await;
    let logins = join_all((0..10).map(|_| scene.sign_in(EMAIL, PASSWORD)));
    let (logins, reset) = tokio::join!(logins, scene.reset(&mail, NEW));
    reset.unwrap();
    for token in logins.iter().flatten() {
        assert!(!scene.lives(token).await);
    }
}

/// The hash was renewed after it was read.
#[tokio::test]
async fn a_reset_that_meets_a_stronger_hash_tries_again() {
    let (scene, _) = Scene::with_ada().await;
    let mail = scene.reset_mail(EMAIL).await;
    let other = scene.users.hash(&secret(PASSWORD)).await.unwrap();
    let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
    let overtake = async {
        held.arrived().await;
        scene.stores.change("user_identities", IDENTITY, |row| row["password_hash"] = json!(other)).await;
        held.release();
    };
    let (reset, ()) = tokio::join!(scene.reset(&mail, NEW), overtake);
    reset.unwrap();
    assert!(scene.log_in(EMAIL, NEW).await.is_ok());
}

/// Between the read of the account and the write.
#[tokio::test]
async fn a_reset_gives_way_to_what_happens_meanwhile() {
    for what in ["signed out everywhere", "given away", "used", "disabled"] {
        let (scene, user_id) = Scene::with_ada().await;
        let eve = scene.add("eve@example.com", Some(PASSWORD)).await.unwrap();
        let mail = scene.reset_mail(EMAIL).await;
        let challenge = scene.stores.contents().await["test-challenges"][0]["token_hash"].clone();
        let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
        let overtake = async {
            held.arrived().await;
            let (table, key, member, value) = match what {
                "signed out everywhere" => ("users", ("user_id", &*user_id), "security_epoch", json!(1)),
                "given away" => ("user_identities", IDENTITY, "user_id", json!(eve)),
                "used" => ("challenges", ("token_hash", challenge.as_str().unwrap()), "used_at", json!(1)),
                _ => ("users", ("user_id", &*user_id), "status", json!("disabled")),
            };
            scene.stores.change(table, key, |row| row[member] = value).await;
            held.release();
        };
        let (reset, ()) = tokio::join!(scene.reset(&mail, NEW), overtake);
        // A user who is disabled at the last moment gets a password that opens nothing.
        assert!(spent(&reset) || what == "disabled", "{what}: {reset:?}");
        assert!(scene.log_in(EMAIL, NEW).await.is_err(), "{what}");
        assert_eq!(scene.epoch(&eve).await, 0);
    }
}

on_both_stores! {
    /// Committed, but the answer was lost: the person tries again with the same link and the same password.
    async fn a_repeat_finishes_a_reset_whose_answer_is_lost(stores) {
        let scene = Scene::on(stores);
        let user_id = scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
        let token = scene.sign_in(EMAIL, PASSWORD).await.unwrap();
        let mail = scene.reset_mail(EMAIL).await;
        scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::LoseAnswer; 3]);
        assert!(is_unknown(&scene.reset(&mail, NEW).await));
        assert_eq!(scene.epoch(&user_id).await, 1, "it is committed");
        assert!(spent(&scene.reset(&mail, PASSWORD).await), "not with another password");
        scene.reset(&mail, NEW).await.unwrap();
        assert!(!scene.lives(&token).await);
        assert!(scene.stores.stored_account(&user_id).await.sessions.is_empty(), "nothing is left to be finished");
        assert_eq!(scene.epoch(&user_id).await, 1, "and nothing is ended twice");
    }
}

/// An old link must not undo later changes.
#[tokio::test]
async fn a_repeat_after_another_change_is_spent() {
    let (scene, _) = Scene::with_ada().await;
    let mail = scene.reset_mail(EMAIL).await;
    scene.reset(&mail, NEW).await.unwrap();
    let token = scene.sign_in(EMAIL, NEW).await.unwrap();
    scene.sessions().revoke_all(&token, now()).await.unwrap();
    assert!(spent(&scene.reset(&mail, NEW).await));
}

#[tokio::test]
async fn a_redis_that_fails_leaves_a_reset_to_be_finished() {
    let scene = Scene::on(Stores::start().await);
    scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
    let token = scene.sign_in(EMAIL, PASSWORD).await.unwrap();
    let mail = scene.reset_mail(EMAIL).await;
    scene.stores.redis_proxy.as_ref().unwrap().break_all(None, testkit::RedisFault::Close);
    let reset = scene.reset(&mail, NEW).await;
    assert!(matches!(reset, Err(Error::Session(session::Error::Unfinished(_)))), "{reset:?}");
    scene.stores.redis_proxy.as_ref().unwrap().heal();
    assert!(scene.reset(&mail, NEW).await.is_ok());
    assert!(!scene.lives(&token).await);
}

/// Killed between any two of its commands.
#[tokio::test]
async fn a_reset_that_is_killed_happened_or_did_not() {
    for commands in 0..8 {
        let scene = Scene::on(Stores::start().await);
        let user_id = scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
        let token = scene.sign_in(EMAIL, PASSWORD).await.unwrap();
        let mail = scene.reset_mail(EMAIL).await;
        drop(scene.stores.killed_after(commands, scene.reset(&mail, NEW)).await);
        let (old, new) = (scene.log_in(EMAIL, PASSWORD).await.is_ok(), scene.log_in(EMAIL, NEW).await.is_ok());
        assert_eq!((old, scene.epoch(&user_id).await), (!new, u64::from(new)), "{commands}");
        scene.reset(&mail, NEW).await.unwrap();
        assert!(!scene.lives(&token).await, "{commands}");
        assert!(scene.stores.stored_account(&user_id).await.sessions.is_empty(), "{commands}");
    }
}

/// A row that this code did not write is an error. ASVS 2.2.1.
#[tokio::test]
async fn a_corrupt_challenge_is_an_error() {
    let (scene, _) = Scene::with_ada().await;
    let mail = scene.reset_mail(EMAIL).await;
    let row = scene.stores.contents().await["test-challenges"][0].clone();
    for member in ["purpose", "email", "security_epoch", "created_at", "expires_at", "purge_at"] {
        for odd in [json!([1]), json!("no address")] {
            let mut spoiled = row.clone();
            spoiled[member] = odd;
            scene.stores.put("challenges", &spoiled).await;
            let reset = scene.reset(&mail, NEW).await;
            assert!(matches!(reset, Err(Error::Store(dynamo::Error::Corrupt { .. }))), "{member}: {reset:?}");
        }
    }
    assert!(Email::parse("no address").is_err());
}
