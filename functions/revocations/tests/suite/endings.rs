//! Endings that Redis does not know of.

use crate::{Scene, reversed};
use scene::{RedisFault, Stores, now, on_both_stores};
use serde_json::Value;
use session::{Change, Ending, Error, Login, Policy, Why};

#[tokio::test]
async fn a_logout_that_redis_missed_ends_the_hot_copy_though_nobody_repeats_it() {
    let (mut scene, tokens) = Scene::with_sessions(2).await;
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    let answer = scene.sessions.revoke(&tokens[0], now()).await;
    assert!(matches!(answer, Err(Error::Unfinished(_))), "{answer:?}");
    proxy.heal();
    // This is what the function is for: until a renewal is due, no request reads the row.
    assert!(scene.is_alive(&tokens[0]).await);
    assert_eq!(scene.follow().await, [""; 0]);
    assert!(!scene.is_alive(&tokens[0]).await && scene.is_buried(&tokens[0]).await);
    assert!(scene.is_alive(&tokens[1]).await);
}

#[tokio::test]
async fn a_sign_out_everywhere_that_redis_missed_ends_every_hot_copy_and_leaves_the_map_empty() {
    for change in [Change::Nothing, Change::Disable, Change::Scopes(vec![])] {
        let (mut scene, tokens) = Scene::with_sessions(3).await;
        let proxy = scene.stores.redis_proxy.as_ref().unwrap();
        proxy.break_all(Some("SET"), RedisFault::Close);
        let ending = Ending { why: Why::PasswordReset, epoch: None, change, also: Vec::new() };
        let answer = scene.sessions.end_user("ada", ending, now()).await;
        assert!(matches!(answer, Err(Error::Unfinished(_))), "{answer:?}");
        proxy.heal();
        assert_eq!(scene.follow().await, [""; 0]);
        for token in &tokens {
            assert!(!scene.is_alive(token).await && scene.is_buried(token).await);
        }
        assert!(scene.stores.stored_account("ada").await.sessions.is_empty());
    }
}

/// Either stream is enough for the tombstones: Lambda calls once for each.
#[tokio::test]
async fn the_stream_of_the_users_alone_ends_every_hot_copy() {
    let (mut scene, tokens) = Scene::with_sessions(2).await;
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    assert!(scene.sessions.revoke_all(&tokens[0], now()).await.is_err());
    proxy.heal();
    let of_users = scene.streams.events().await.pop().unwrap();
    assert!(of_users["Records"][0]["eventSourceARN"].as_str().unwrap().contains("users"));
    assert_eq!(scene.call(of_users).await, [""; 0]);
    for token in &tokens {
        assert!(scene.is_buried(token).await);
    }
}

/// A session that a login replaced, and the oldest one beyond the cap, end the same way.
#[tokio::test]
async fn a_session_that_a_login_could_not_end_in_redis_is_ended_there() {
    let (mut scene, tokens) = Scene::with_sessions(1).await;
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    let login = Login { presented: Some(&tokens[0]), ..scene.login("ada").await };
    let (new, _) = scene.sessions.create(login, now()).await.unwrap();
    proxy.heal();
    assert!(scene.is_alive(&tokens[0]).await);
    assert_eq!(scene.follow().await, [""; 0]);
    assert!(!scene.is_alive(&tokens[0]).await && scene.is_alive(&new).await);
}

/// If a session's row was lost, a sign-out everywhere writes a stub that says the session is dead.
#[tokio::test]
async fn a_row_that_only_says_that_its_session_is_dead_ends_the_hot_copy() {
    let (mut scene, tokens) = Scene::with_sessions(2).await;
    scene.remove_row(&tokens[1]).await;
    scene.streams.events().await;
    let proxy = scene.stores.redis_proxy.as_ref().unwrap();
    proxy.break_all(Some("SET"), RedisFault::Close);
    assert!(scene.sessions.revoke_all(&tokens[0], now()).await.is_err());
    proxy.heal();
    let mut events = scene.streams.events().await;
    let of_sessions = events.remove(0);
    assert!(of_sessions["Records"].as_array().unwrap().iter().any(|record| record["eventName"] == "INSERT"));
    assert_eq!(scene.call(of_sessions).await, [""; 0]);
    assert!(scene.is_buried(&tokens[1]).await);
}

#[tokio::test]
async fn a_device_that_has_signed_out_leaves_nothing_in_redis() {
    let mut scene = Scene::on(Stores::start().await).await;
    scene.stores.account("ada").await;
    let login = scene.login("ada").await;
    let (token, _) = scene.sessions.create_device(login, "phone".to_owned(), now()).await.unwrap();
    assert!(scene.sessions.revoke_device(&token, now()).await.unwrap().is_some());
    assert_eq!(scene.follow().await, [""; 0]);
    assert_eq!(scene.stores.redis_command::<usize>(&["DBSIZE"]).await, 0);
}

/// Everything that is stored, except the expiry of tombstones.
async fn stored(stores: &Stores) -> Vec<(String, Value)> {
    let value = |(name, value): (String, Value)| match name.starts_with("session:") {
        true => (name, value[0].clone()),
        false => (name, value),
    };
    stores.contents().await.into_iter().map(value).collect()
}

on_both_stores! {
    async fn the_same_records_again_in_any_order_change_nothing_more(stores) {
        let mut scene = Scene::on(stores).await;
        scene.stores.account("ada").await;
        let [one, other, kept] = [scene.log_in("ada").await, scene.log_in("ada").await, scene.log_in("ada").await];
        scene.sessions.revoke(&one, now()).await.unwrap();
        scene.sessions.end_one("ada", &other.id(), Why::Ended, now()).await.unwrap();
        let event = scene.streams.event().await;
        assert_eq!(scene.call(event.clone()).await, [""; 0]);
        let before = stored(&scene.stores).await;
        for event in [event.clone(), reversed(&event), event] {
            assert_eq!(scene.call(event).await, [""; 0]);
            assert_eq!(stored(&scene.stores).await, before);
        }
        assert!(scene.is_alive(&kept).await);
    }

    /// A record may be a day old: later sessions stay.
    async fn an_old_record_of_a_sign_out_everywhere_leaves_later_sessions_alone(stores) {
        let mut scene = Scene::on(stores).await;
        scene.stores.account("ada").await;
        let old = scene.log_in("ada").await;
        scene.sessions.revoke_all(&old, now()).await.unwrap().unwrap();
        let event = scene.streams.event().await;
        let new = scene.log_in("ada").await;
        for event in [event.clone(), reversed(&event)] {
            assert_eq!(scene.call(event).await, [""; 0]);
            assert!(scene.is_alive(&new).await && !scene.is_alive(&old).await);
            assert!(scene.stores.stored_account("ada").await.sessions.contains_key(&new.id()));
        }
    }

    /// The request that made the change is still running: both do the same.
    async fn the_request_that_finishes_at_the_same_time_succeeds_too(stores) {
        let mut scene = Scene::on(stores).await;
        scene.stores.account("ada").await;
        let tokens = [scene.log_in("ada").await, scene.log_in("ada").await];
        let mut held = scene.stores.dynamo_proxy.hold_next("UpdateItem");
        let (sessions, token) = (scene.stores.sessions(Policy::default()), tokens[0].clone());
        let request = tokio::spawn(async move { sessions.revoke_all(&token, now()).await.unwrap().unwrap() });
        held.arrived().await;
        assert_eq!(scene.follow().await, [""; 0]);
        held.release();
        assert_eq!(request.await.unwrap().sessions, 2);
        assert_eq!(scene.follow().await, [""; 0]);
        assert!(scene.stores.stored_account("ada").await.sessions.is_empty());
    }
}
