//! Stores that fail while the function runs: no record is lost, and none blocks another.

use crate::{Scene, numbers};
use scene::{Fault, RedisFault, now, on_both_stores};

#[tokio::test]
async fn without_redis_every_ending_is_reported_and_done_when_it_is_back() {
    let (mut scene, tokens) = Scene::with_sessions(3).await;
    scene.sessions.revoke(&tokens[0], now()).await.unwrap();
    scene.sessions.revoke(&tokens[1], now()).await.unwrap();
    let mut event = scene.streams.events().await.remove(0);
    // The hot copies as they would be if Redis had missed all of it.
    scene.stores.redis_command::<()>(&["FLUSHALL"]).await;
    scene.stores.redis.as_mut().unwrap().kill9().await.unwrap();
    let mut failed = scene.call(event.clone()).await;
    failed.sort();
    assert_eq!(failed, numbers(&event));
    scene.stores.redis.as_mut().unwrap().restart().await.unwrap();
    assert_eq!(scene.call(event.take()).await, [""; 0]);
    assert!(scene.is_buried(&tokens[0]).await && scene.is_buried(&tokens[1]).await);
    assert!(scene.is_alive(&tokens[2]).await && !scene.is_alive(&tokens[0]).await);
}

/// Redis refuses one key of three.
#[tokio::test]
async fn of_some_records_exactly_those_that_failed_are_reported() {
    let (mut scene, tokens) = Scene::with_sessions(3).await;
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    for token in &tokens {
        assert!(scene.sessions.revoke(token, now()).await.is_err());
    }
    proxy.heal();
    let event = scene.streams.event().await;
    let [first, last] = [0, 2].map(|index| format!("~session:{}", tokens[index].id()));
    let admit = async |keys: &[&str]| {
        let words = [&["ACL", "SETUSER", "default", "resetkeys"], keys].concat();
        scene.stores.redis_command::<()>(&words).await;
    };
    admit(&[&first, &last]).await;
    let failed = scene.call(event.clone()).await;
    admit(&["allkeys"]).await;
    let of_second = |record: &&serde_json::Value| {
        let image = &record["dynamodb"]["NewImage"];
        image["session_id"]["S"] == tokens[1].id().as_str() && image["revoked_at"].is_object()
    };
    let record = event["Records"].as_array().unwrap().iter().find(of_second).unwrap();
    assert_eq!(failed, [record["dynamodb"]["SequenceNumber"].as_str().unwrap()]);
    assert!(scene.is_buried(&tokens[0]).await && scene.is_buried(&tokens[2]).await);
    assert!(scene.is_alive(&tokens[1]).await);
    assert_eq!(scene.call(event).await, [""; 0]);
    assert!(scene.is_buried(&tokens[1]).await);
}

#[tokio::test]
async fn without_dynamodb_sessions_end_in_redis_and_the_records_of_users_are_reported() {
    let (mut scene, tokens) = Scene::with_sessions(2).await;
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    assert!(scene.sessions.revoke_all(&tokens[0], now()).await.is_err());
    proxy.heal();
    let [of_sessions, of_users] = scene.streams.events().await.try_into().unwrap();
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    assert_eq!(scene.call(of_users.clone()).await, numbers(&of_users));
    assert_eq!(scene.call(of_sessions).await, [""; 0]);
    assert!(scene.is_buried(&tokens[0]).await && scene.is_buried(&tokens[1]).await);
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.call(of_users).await, [""; 0]);
    assert!(scene.stores.stored_account("ada").await.sessions.is_empty());
}

/// If an entry is gone from the map, its tombstone is in place.
#[tokio::test]
async fn without_redis_a_sign_out_everywhere_stays_in_the_map_until_redis_is_back() {
    let (mut scene, tokens) = Scene::with_sessions(2).await;
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    assert!(scene.sessions.revoke_all(&tokens[0], now()).await.is_err());
    let of_users = scene.streams.events().await.pop().unwrap();
    assert_eq!(scene.call(of_users.clone()).await, numbers(&of_users));
    assert_eq!(scene.stores.stored_account("ada").await.sessions.len(), 2);
    proxy.heal();
    assert_eq!(scene.call(of_users).await, [""; 0]);
    assert!(scene.is_buried(&tokens[0]).await && scene.is_buried(&tokens[1]).await);
    assert!(scene.stores.stored_account("ada").await.sessions.is_empty());
}

on_both_stores! {
    async fn every_record_that_tells_of_what_failed_is_reported(stores) {
        let mut scene = Scene::on(stores).await;
        scene.stores.account("ada").await;
        scene.log_in("ada").await;
        scene.streams.events().await;
        scene.stores.change("users", ("user_id", "ada"), |row| row["security_epoch"] = 1.into()).await;
        scene.stores.change("users", ("user_id", "ada"), |row| row["name"] = "Countess".into()).await;
        let event = scene.streams.event().await;
        scene.stores.dynamo_proxy.break_all(Some("GetItem"), Fault::Fail);
        assert_eq!(scene.call(event.clone()).await, numbers(&event));
        assert_eq!(numbers(&event).len(), 2);
    }

    /// A request leaves the map to a later request; after this function there may be none.
    async fn a_map_that_cannot_be_tidied_is_reported(stores) {
        let mut scene = Scene::on(stores).await;
        scene.stores.account("ada").await;
        scene.log_in("ada").await;
        scene.streams.events().await;
        scene.stores.change("users", ("user_id", "ada"), |row| row["security_epoch"] = 1.into()).await;
        let event = scene.streams.event().await;
        scene.stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
        assert_eq!(scene.call(event.clone()).await, numbers(&event));
        scene.stores.dynamo_proxy.heal();
        assert_eq!(scene.call(event).await, [""; 0]);
        assert!(scene.stores.stored_account("ada").await.sessions.is_empty());
    }

    async fn a_user_who_is_gone_by_then_is_no_failure(stores) {
        let mut scene = Scene::on(stores).await;
        scene.stores.account("ada").await;
        scene.log_in("ada").await;
        scene.stores.change("users", ("user_id", "ada"), |row| row["security_epoch"] = 1.into()).await;
        let mut held = scene.stores.dynamo_proxy.hold_next("UpdateItem");
        let event = scene.streams.event().await;
        let remove = async {
            held.arrived().await;
            let dynamo = scene.stores.dynamo_itself();
            let delete = dynamo.client().delete_item().table_name(dynamo.table("users"));
            delete.key("user_id", dynamo::text("ada")).send().await.unwrap();
            held.release();
        };
        let (failed, ()) = futures_util::future::join(scene.call(event.clone()), remove).await;
        assert_eq!(failed, [""; 0]);
        assert_eq!(scene.call(event).await, [""; 0]);
        assert_eq!(scene.follow().await, [""; 0]);
    }
}
