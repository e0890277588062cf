use crate::support::{EMAIL, PASSWORD, Scene};
use futures_util::future::join_all;
use serde_json::json;
use testkit::Fault;
use users::Error;

#[tokio::test]
async fn an_address_has_one_account() {
    let (scene, _) = Scene::with_ada().await;
    let contents = scene.stores.contents().await;
    for same in [EMAIL, "ADA@EXAMPLE.COM", "Ada@example.com"] {
        assert!(matches!(scene.add(same, None).await, Err(Error::Taken)), "{same}");
    }
    assert_eq!(scene.stores.contents().await, contents);
    assert!(scene.add("eve@example.com", None).await.is_ok());
}

/// ASVS 2.3.3, 2.3.4, 15.4.1–15.4.3.
#[tokio::test]
async fn ten_registrations_at_once_make_one_account() {
    let scene = Scene::new().await;
    let results = join_all((0..10).map(|_| scene.add(EMAIL, Some(PASSWORD)))).await;
    let made: Vec<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    assert_eq!(made.len(), 1);
    assert_eq!(results.iter().filter(|result| matches!(result, Err(Error::Taken))).count(), 9);
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (1, 1));
    assert_eq!(&scene.log_in(EMAIL, PASSWORD).await.unwrap().user_id, made[0]);
}

#[tokio::test]
async fn what_is_stored_is_the_account_and_one_way_into_it() {
    let (scene, user_id) = Scene::with_ada().await;
    let mut user = scene.stores.row("users", ("user_id", &user_id)).await.unwrap();
    let created_at = user["created_at"].take();
    let expected = json!({
        "user_id": user_id, "email": EMAIL, "email_verified": true, "scopes": [], "status": "active",
        "security_epoch": 0, "sessions": {}, "created_at": null,
    });
    assert_eq!(user, expected);
    let mut identity = scene.stores.row("user_identities", ("identity", "email#ada@example.com")).await.unwrap();
    assert_eq!(identity["created_at"], created_at);
    let hash = identity["password_hash"].take();
    assert!(hash.as_str().is_some_and(|hash| hash.starts_with("$argon2id$") && !hash.contains(PASSWORD)));
    identity["created_at"].take();
    let expected = json!({
        "identity": "email#ada@example.com", "user_id": user_id, "verified": true, "password_hash": null, "created_at": null,
    });
    assert_eq!(identity, expected);
}

/// RFC 9562: ids sort by their creation time, which is a parameter.
#[tokio::test]
async fn an_id_begins_with_its_moment() {
    let (scene, user_id) = Scene::with_ada().await;
    let created_at = scene.stores.row("users", ("user_id", &user_id)).await.unwrap()["created_at"].as_u64().unwrap();
    let moment = u64::from_str_radix(&user_id.replace('-', "")[..12], 16).unwrap();
    assert_eq!(moment, created_at);
    assert_eq!(user_id.as_bytes()[14], b'7');
}

/// A transaction that was executed is not executed twice, and is not mistaken for another request's.
#[tokio::test]
async fn a_lost_answer_is_no_second_account() {
    let scene = Scene::new().await;
    scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::LoseAnswer]);
    let added = scene.add(EMAIL, Some(PASSWORD)).await;
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (1, 1));
    assert_eq!(added.unwrap(), scene.log_in(EMAIL, PASSWORD).await.unwrap().user_id);
}
