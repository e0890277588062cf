//! If a row cannot be read, the answer is neither yes nor no.

use crate::support::{EMAIL, PASSWORD, Scene, is_unknown, somebody};
use serde_json::{Value, json};
use testkit::Fault;

#[tokio::test]
async fn a_store_that_fails_is_an_error_and_no_denial() {
    let (scene, _) = Scene::with_ada().await;
    for fault in [Fault::Fail, Fault::Throttle] {
        scene.stores.dynamo_proxy.break_all(None, fault);
        assert!(is_unknown(&scene.log_in(EMAIL, PASSWORD).await));
        assert!(is_unknown(&scene.log_in("nobody@example.com", PASSWORD).await));
        assert!(is_unknown(&scene.add("eve@example.com", None).await));
        assert!(is_unknown(&scene.enter(&somebody("ada", EMAIL)).await));
        scene.stores.dynamo_proxy.heal();
    }
    assert!(scene.log_in(EMAIL, PASSWORD).await.is_ok(), "no restart is needed");
    assert_eq!(scene.count("users").await, 1);
}

#[tokio::test]
async fn each_call_that_fails_is_an_error() {
    for operation in ["GetItem", "TransactGetItems", "TransactWriteItems"] {
        let (scene, _) = Scene::with_ada().await;
        scene.stores.dynamo_proxy.break_all(Some(operation), Fault::Fail);
        let logged_in = scene.log_in(EMAIL, PASSWORD).await;
        assert_eq!(is_unknown(&logged_in), operation != "TransactWriteItems", "{operation}: {logged_in:?}");
        assert!(is_unknown(&scene.enter(&somebody("ada", EMAIL)).await), "{operation}");
    }
}

/// ASVS 2.2.1, 15.3.3: no panic, no default, not another user's account.
#[tokio::test]
async fn a_corrupt_row_is_an_error() {
    let user = ["user_id", "email", "email_verified", "scopes", "status", "security_epoch", "sessions", "created_at"];
    let identity = ["verified", "password_hash", "created_at"];
    for (table, members) in [("users", &user[1..]), ("user_identities", &identity[..])] {
        for member in members {
            for odd in [json!([1]), json!({ "a": 1 }), json!("odd"), json!(-1.5), Value::Null] {
                let harmless = matches!((*member, &odd), ("email" | "password_hash", Value::Null | Value::String(_)));
                if harmless {
                    continue;
                }
                let (scene, user_id) = Scene::with_ada().await;
                let key = if table == "users" { ("user_id", &*user_id) } else { ("identity", "email#ada@example.com") };
                scene.stores.change(table, key, |row| row[*member] = odd.clone()).await;
                let result = scene.log_in(EMAIL, PASSWORD).await;
                assert!(is_unknown(&result), "{table}.{member} = {odd}: {result:?}");
            }
        }
    }
}

/// The log entry about it holds no value of the row.
#[tokio::test]
async fn an_error_repeats_nothing_that_is_stored() {
    let (scene, user_id) = Scene::with_ada().await;
    let spoil = |row: &mut Value| (row["password_hash"], row["created_at"]) = (json!("SECRET"), json!("SECRET"));
    scene.stores.change("user_identities", ("identity", "email#ada@example.com"), spoil).await;
    let error = scene.log_in(EMAIL, PASSWORD).await.unwrap_err();
    let links = std::iter::successors(Some(&error as &dyn std::error::Error), |link| link.source());
    let text = links.map(|link| format!("{link} {link:?} ")).collect::<String>();
    assert!(!text.contains("SECRET") && !text.contains("ada@example.com") && !text.contains(&user_id), "{text}");
}
