//! First logins at the same moment. ASVS 2.3.3, 2.3.4, 15.4.1–15.4.3.

use crate::support::{EMAIL, Scene, is_unknown, somebody};
use futures_util::future::join_all;
use serde_json::json;
use std::collections::BTreeSet;
use testkit::Fault;
use users::{Error, Joined};

#[tokio::test]
async fn ten_first_logins_of_one_subject_make_one_account() {
    let scene = Scene::new().await;
    let who = somebody("ada", EMAIL);
    let entered = join_all((0..10).map(|_| scene.enter(&who))).await;
    let users: BTreeSet<_> = entered.iter().map(|entered| &entered.as_ref().unwrap().0).collect();
    assert_eq!(users.len(), 1);
    let created = entered.iter().filter(|entered| matches!(entered, Ok((_, Joined::Created)))).count();
    assert_eq!(created, 1, "the others find it");
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (1, 2));
}

#[tokio::test]
async fn first_logins_of_two_subjects_with_one_address_make_one_account() {
    let scene = Scene::new().await;
    let (one, two) = (somebody("one", EMAIL), somebody("two", EMAIL));
    let entered = join_all([&one, &two, &one, &two].map(|who| scene.enter(who))).await;
    let users: BTreeSet<_> = entered.iter().map(|entered| &entered.as_ref().unwrap().0).collect();
    assert_eq!(users.len(), 1, "{entered:?}");
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (1, 3));
}

#[tokio::test]
async fn a_first_login_that_meets_a_registration_joins_it_or_is_joined() {
    let scene = Scene::new().await;
    let who = somebody("ada", EMAIL);
    let (added, entered) = tokio::join!(scene.add(EMAIL, None), scene.enter(&who));
    match (added, entered) {
        (Ok(added), Ok((entered, joined))) => assert_eq!((added, Joined::Linked), (entered, joined)),
        (Err(Error::Taken), Ok((_, joined))) => assert_eq!(joined, Joined::Created),
        other => panic!("{other:?}"),
    }
    assert_eq!(scene.count("users").await, 1);
}

/// The address was given up, or lost its proof, after it was read.
#[tokio::test]
async fn an_account_is_joined_only_while_the_address_is_its_own_and_proven() {
    for (member, value) in [("verified", json!(false)), ("user_id", json!("somebody-else"))] {
        let (scene, _) = Scene::with_ada().await;
        let who = somebody("ada", EMAIL);
        let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
        let change = async {
            held.arrived().await;
            let email = ("identity", "email#ada@example.com");
            scene.stores.change("user_identities", email, |row| row[member] = value).await;
            held.release();
        };
        let (entered, ()) = tokio::join!(scene.enter(&who), change);
        match member {
            "verified" => assert!(matches!(entered, Err(Error::Taken)), "{entered:?}"),
            // The new owner has no account row here, so the sign-in fails; with a row, the identity would be theirs.
            _ => assert!(entered.is_err(), "{entered:?}"),
        }
    }
}

/// If two transactions meet, DynamoDB cancels one; the SDK does not repeat it.
#[tokio::test]
async fn a_transaction_that_lost_is_tried_again() {
    let scene = Scene::new().await;
    for operation in ["TransactWriteItems", "TransactGetItems"] {
        scene.stores.dynamo_proxy.break_next(operation, &[Fault::Conflict, Fault::Conflict, Fault::Conflict]);
    }
    assert_eq!(scene.enter(&somebody("ada", EMAIL)).await.unwrap().1, Joined::Created);
    scene.stores.dynamo_proxy.break_all(Some("TransactWriteItems"), Fault::Conflict);
    let entered = scene.enter(&somebody("eve", "eve@example.com")).await;
    assert!(is_unknown(&entered), "not for ever: {entered:?}");
    assert_eq!(scene.count("users").await, 1);
}
