//! When a password was last used.

use crate::support::{EMAIL, PASSWORD, Scene, address, secret};
use serde_json::{Value, json};
use testkit::{Fault, now};

const IDENTITY: (&str, &str) = ("identity", "email#ada@example.com");

#[tokio::test]
async fn a_password_that_lets_somebody_in_was_used_then() {
    let (scene, _) = Scene::with_ada().await;
    scene.log_in(EMAIL, "wrong password").await.unwrap_err();
    assert_eq!(scene.stores.row("user_identities", IDENTITY).await.unwrap()["last_used_at"], Value::Null);
    let then = now();
    scene.users.with_password(&address(EMAIL), &secret(PASSWORD), then).await.unwrap();
    let row = scene.stores.row("user_identities", IDENTITY).await.unwrap();
    assert_eq!(row["last_used_at"], json!(then.as_millisecond()));
}

#[tokio::test]
async fn a_use_that_cannot_be_noted_costs_nothing() {
    let (scene, user_id) = Scene::with_ada().await;
    scene.stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
    assert_eq!(scene.log_in(EMAIL, PASSWORD).await.unwrap().user_id, user_id);
}

/// The way in was removed while a person signed in with it.
#[tokio::test]
async fn a_use_brings_no_identity_back() {
    let (scene, _) = Scene::with_ada().await;
    let mut held = scene.stores.dynamo_proxy.hold_next("UpdateItem");
    let take_away = async {
        held.arrived().await;
        let dynamo = scene.stores.dynamo_itself();
        let delete = dynamo.client().delete_item().table_name(dynamo.table("user_identities"));
        delete.key(IDENTITY.0, dynamo::text(IDENTITY.1)).send().await.expect("a write");
        held.release();
    };
    let (opened, ()) = tokio::join!(scene.log_in(EMAIL, PASSWORD), take_away);
    assert!(opened.is_ok(), "the password was right when it was read");
    assert_eq!(scene.count("user_identities").await, 0);
}
