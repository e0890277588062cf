//! What a person gains by an address that a provider sends, and what not. ASVS 6.8.1.

use crate::support::{EMAIL, PASSWORD, Scene, denial, somebody};
use serde_json::json;
use std::time::{Duration, Instant};
use testkit::Fault;
use tokio::sync::oneshot;
use users::{Denial, Error, Federated, Joined};

fn unproven(subject: &str) -> Federated {
    Federated { email_verified: false, ..somebody(subject, EMAIL) }
}

/// Otherwise a stranger could claim an address before its owner does.
#[tokio::test]
async fn the_owner_of_an_address_comes_after_somebody_who_only_said_so() {
    let scene = Scene::new().await;
    let (squatter, _) = scene.enter(&unproven("squatter")).await.unwrap();
    let (owner, joined) = scene.enter(&somebody("owner", EMAIL)).await.unwrap();
    assert_eq!(joined, Joined::Created);
    assert_ne!(owner, squatter);
    assert_eq!(scene.enter(&unproven("squatter")).await.unwrap(), (squatter, Joined::Known));
    // A later identity with this address gets nothing either.
    assert!(matches!(scene.enter(&unproven("late")).await, Err(Error::Taken)));
}

/// A mail server that distinguishes the Kelvin sign from a k has given the mailbox to another person.
#[tokio::test]
async fn an_address_that_is_only_alike_joins_and_claims_nothing() {
    for spelled in ["mi\u{212a}e@example.com", "\u{212b}sa@example.com", "mik\u{cb}@example.com"] {
        let scene = Scene::new().await;
        let email = users::Email::parse(spelled).unwrap();
        let mike = scene.add(email.as_str(), Some(PASSWORD)).await.unwrap();
        let contents = scene.stores.contents().await;
        assert!(matches!(scene.enter(&somebody("eve", spelled)).await, Err(Error::Taken)), "{spelled}");
        assert_eq!(scene.stores.contents().await, contents);
        assert_eq!(scene.enter(&somebody("mike", email.as_str())).await.unwrap(), (mike, Joined::Linked));

        let free = Scene::new().await;
        let (eve, _) = free.enter(&somebody("eve", spelled)).await.unwrap();
        assert!(!free.stores.stored_account(&eve).await.email_verified);
        assert_ne!(free.add(email.as_str(), None).await.unwrap(), eve, "the address is its owner's to prove");
    }
}

/// No identity is added without a mail to its owner, and no mail is sent without an identity.
#[tokio::test]
async fn the_letter_of_a_joining_is_written_with_it() {
    let (scene, ada) = Scene::with_ada().await;
    scene.stores.dynamo_proxy.break_all(Some("TransactWriteItems"), Fault::Fail);
    assert!(scene.enter(&somebody("ada", EMAIL)).await.is_err());
    scene.stores.dynamo_proxy.heal();
    assert_eq!((scene.count("user_identities").await, scene.count("outbox").await), (1, 0));
    assert_eq!(scene.enter(&somebody("ada", "ADA@example.com")).await.unwrap(), (ada, Joined::Linked));
    assert_eq!((scene.count("user_identities").await, scene.count("outbox").await), (2, 1));
    assert!(scene.stores.row("outbox", ("mail_id", EMAIL)).await.is_some(), "to the account's address");
    scene.enter(&somebody("new", "new@example.com")).await.unwrap();
    assert_eq!(scene.count("outbox").await, 1, "who makes an account is told nothing");
}

#[tokio::test]
async fn a_password_still_opens_an_account_that_was_joined() {
    let (scene, user_id) = Scene::with_ada().await;
    assert_eq!(scene.enter(&somebody("ada", EMAIL)).await.unwrap(), (user_id.clone(), Joined::Linked));
    assert_eq!(scene.log_in(EMAIL, PASSWORD).await.unwrap().user_id, user_id);
}

/// Otherwise an unrequested way in would exist on the day the account is enabled again.
#[tokio::test]
async fn a_disabled_account_is_not_joined() {
    let (scene, user_id) = Scene::with_ada().await;
    scene.stores.change("users", ("user_id", &user_id), |row| row["status"] = json!("disabled")).await;
    let contents = scene.stores.contents().await;
    assert_eq!(denial(scene.enter(&somebody("ada", EMAIL)).await), (Denial::Disabled, Some(user_id)));
    assert_eq!(scene.stores.contents().await, contents);
}

/// Between the read of the account and the write.
#[tokio::test]
async fn an_account_that_is_disabled_meanwhile_is_not_joined() {
    let (scene, user_id) = Scene::with_ada().await;
    let who = somebody("ada", EMAIL);
    let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
    let disable = async {
        held.arrived().await;
        scene.stores.change("users", ("user_id", &user_id), |row| row["status"] = json!("disabled")).await;
        held.release();
    };
    let (entered, ()) = tokio::join!(scene.enter(&who), disable);
    assert_eq!(denial(entered), (Denial::Disabled, Some(user_id)));
    assert_eq!(scene.count("user_identities").await, 1, "the address alone");
}

/// The erasure has read all ways in but not yet removed them: another one would outlive the account.
#[tokio::test]
async fn an_account_that_is_being_erased_is_not_joined() {
    let (scene, user_id) = Scene::with_ada().await;
    let who = somebody("ada", EMAIL);
    let [mut joining, mut erasing] = [(); 2].map(|()| scene.stores.dynamo_proxy.hold_next("TransactWriteItems"));
    let (done, is_done) = oneshot::channel();
    let enter = async {
        let entered = scene.enter(&who).await;
        done.send(()).unwrap();
        entered
    };
    let erase = async {
        joining.arrived().await;
        scene.stores.change("users", ("user_id", &user_id), |row| row["status"] = json!("disabled")).await;
        let account = scene.users.by_id(&user_id).await.unwrap().unwrap();
        let join_first = async {
            erasing.arrived().await;
            joining.release();
            is_done.await.unwrap();
            erasing.release();
        };
        tokio::join!(scene.users.erase(&account, || {}), join_first)
    };
    let (entered, (erased, ())) = tokio::join!(enter, erase);
    erased.unwrap();
    assert_eq!(denial(entered).0, Denial::Disabled);
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (0, 0));
}

/// When the identity is written, the address belongs to another user, so the identity joins that user.
#[tokio::test]
async fn an_address_that_changes_hands_meanwhile_does_not_join_its_old_account() {
    let (scene, _) = Scene::with_ada().await;
    let after = scene.add("eve@example.com", None).await.unwrap();
    let who = somebody("ada", EMAIL);
    let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
    let hand_over = async {
        held.arrived().await;
        let email = ("identity", "email#ada@example.com");
        scene.stores.change("user_identities", email, |row| row["user_id"] = json!(after)).await;
        held.release();
    };
    let (entered, ()) = tokio::join!(scene.enter(&who), hand_over);
    assert_eq!(entered.unwrap(), (after, Joined::Linked));
}

/// ASVS 16.5.2: in bounded time.
#[tokio::test]
async fn a_store_that_says_nothing_is_given_up() {
    let (scene, _) = Scene::with_ada().await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Hang);
    let started = Instant::now();
    let entered = scene.enter(&somebody("ada", EMAIL)).await;
    assert!(matches!(entered, Err(Error::Store(_))), "{entered:?}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}
