//! The cost of records: nothing while sessions live.

use crate::Scene;
use jiff::SignedDuration;
use scene::{RedisFault, Stores, now, on_both_stores};
use session::{Policy, Slide};
use std::time::Duration;

/// Calls to DynamoDB and commands to Redis since the start.
fn asked(stores: &Stores) -> (usize, usize) {
    let redis = stores.redis_proxy.as_ref();
    (stores.dynamo_proxy.calls(), redis.map_or(0, |proxy| proxy.round_trips()))
}

on_both_stores! {
    async fn logins_renewals_refreshes_and_profiles_cost_nothing(stores) {
        let mut scene = Scene::on(stores).await;
        scene.stores.account("ada").await;
        let begun = now() - Duration::from_mins(6);
        let (token, _) = scene.sessions.create(scene.login("ada").await, begun).await.unwrap();
        assert!(scene.sessions.authenticate(&token, Slide::Yes, now()).await.unwrap().unwrap().renewed);
        let login = scene.login("ada").await;
        let (device, _) = scene.sessions.create_device(login, "phone".to_owned(), begun).await.unwrap();
        scene.sessions.refresh(&device, now()).await.unwrap();
        scene.stores.change("users", ("user_id", "ada"), |row| row["name"] = "Countess".into()).await;
        let event = scene.streams.event().await;
        // The user, two sessions with their entries in the map, a renewal, a rotation and the name.
        assert_eq!(event["Records"].as_array().unwrap().len(), 8);
        let before = asked(&scene.stores);
        assert_eq!(scene.call(event).await, [""; 0]);
        assert_eq!(asked(&scene.stores), before);
    }

    async fn what_happened_before_the_last_sign_out_everywhere_costs_nothing_later(stores) {
        let mut scene = Scene::on(stores).await;
        scene.stores.account("ada").await;
        let token = scene.log_in("ada").await;
        scene.sessions.revoke_all(&token, now()).await.unwrap().unwrap();
        scene.streams.events().await;
        scene.log_in("ada").await;
        let event = scene.streams.event().await;
        let before = asked(&scene.stores);
        assert_eq!(scene.call(event).await, [""; 0]);
        assert_eq!(asked(&scene.stores), before);
    }

    async fn many_records_of_a_user_are_one_ending(stores) {
        let mut scene = Scene::on(stores).await;
        scene.stores.account("ada").await;
        let token = scene.log_in("ada").await;
        scene.log_in("ada").await;
        scene.stores.change("users", ("user_id", "ada"), |row| row["security_epoch"] = 1.into()).await;
        for name in ["A", "B", "C"] {
            scene.stores.change("users", ("user_id", "ada"), |row| row["name"] = name.into()).await;
        }
        let event = scene.streams.event().await;
        let calls = |operation| scene.stores.dynamo_proxy.calls_of(operation);
        let before = (calls("GetItem"), calls("UpdateItem"));
        assert_eq!(scene.call(event).await, [""; 0]);
        assert_eq!((calls("GetItem") - before.0, calls("UpdateItem") - before.1), (1, 1));
        assert!(scene.is_buried(&token).await);
    }

    async fn a_sign_out_everywhere_that_was_finished_costs_one_read_of_the_user(stores) {
        let mut scene = Scene::on(stores).await;
        scene.stores.account("ada").await;
        let token = scene.log_in("ada").await;
        scene.sessions.revoke_all(&token, now()).await.unwrap().unwrap();
        let event = scene.streams.events().await.pop().unwrap();
        let before = (scene.stores.dynamo_proxy.calls_of("GetItem"), asked(&scene.stores));
        assert_eq!(scene.call(event).await, [""; 0]);
        assert_eq!(scene.stores.dynamo_proxy.calls_of("GetItem") - before.0, 1);
        assert_eq!(asked(&scene.stores), (before.1.0 + 1, before.1.1));
    }
}

#[tokio::test]
async fn a_logout_costs_one_command_and_no_call() {
    let (mut scene, tokens) = Scene::with_sessions(1).await;
    scene.sessions.revoke(&tokens[0], now()).await.unwrap();
    let event = scene.streams.event().await;
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    let before = (scene.stores.dynamo_proxy.calls(), proxy.commands_of("SET"));
    assert_eq!(scene.call(event).await, [""; 0]);
    assert_eq!((scene.stores.dynamo_proxy.calls() - before.0, proxy.commands_of("SET") - before.1), (0, 1));
}

/// Its end was already reported when it happened.
#[tokio::test]
async fn a_later_change_of_a_revoked_row_costs_nothing() {
    let (mut scene, tokens) = Scene::with_sessions(1).await;
    scene.sessions.revoke(&tokens[0], now()).await.unwrap();
    scene.streams.events().await;
    let key = tokens[0].id();
    scene.stores.change("sessions", ("session_id", key.as_str()), |row| row["purge_at"] = 1.into()).await;
    let event = scene.streams.event().await;
    assert_eq!(event["Records"][0]["eventName"], "MODIFY");
    let before = asked(&scene.stores);
    assert_eq!(scene.call(event).await, [""; 0]);
    assert_eq!(asked(&scene.stores), before);
}

/// There is no hot copy to end, and the row needs nothing.
#[tokio::test]
async fn a_logout_and_a_removal_on_dynamodb_alone_cost_nothing() {
    let mut scene = Scene::on(Stores::without_redis().await).await;
    scene.stores.account("ada").await;
    let token = scene.log_in("ada").await;
    scene.sessions.revoke(&token, now()).await.unwrap();
    scene.remove_row(&token).await;
    let event = scene.streams.event().await;
    let before = asked(&scene.stores);
    assert_eq!(scene.call(event).await, [""; 0]);
    assert_eq!(asked(&scene.stores), before);
}

#[tokio::test]
async fn a_tombstone_stays_as_long_as_any_other() {
    let (mut scene, tokens) = Scene::with_sessions(1).await;
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    assert!(scene.sessions.revoke(&tokens[0], now()).await.is_err());
    proxy.heal();
    scene.follow().await;
    let key = format!("session:{}", tokens[0].id());
    let left: i64 = scene.stores.redis_command(&["PTTL", &key]).await;
    let life = SignedDuration::try_from(Policy::default().renew_after * 2).unwrap();
    assert!((0..=i64::try_from(life.as_millis()).unwrap()).contains(&left) && left > 590_000, "{left}");
}
