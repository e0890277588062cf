//! What a health check costs the stores.

use crate::Scene;
use scene::Stores;

/// The cheapest request to each store; it leaves nothing behind.
#[tokio::test]
async fn one_round_trip_to_each_store_and_nothing_is_written() {
    let scene = Scene::new().await;
    let contents = scene.stores.contents().await;
    // The first request also connects.
    scene.ask().await;
    let redis = scene.stores.redis_proxy.as_ref().unwrap();
    let (trips, calls) = (redis.round_trips(), scene.stores.dynamo_proxy.calls());
    scene.stores.dynamo_proxy.record();
    scene.ask_after(1000).await;
    assert_eq!((redis.round_trips() - trips, scene.stores.dynamo_proxy.calls() - calls), (1, 1));
    assert_eq!(scene.stores.dynamo_proxy.calls_of("GetItem"), scene.stores.dynamo_proxy.calls());
    let asked = String::from_utf8_lossy(&scene.stores.dynamo_proxy.recorded()).into_owned();
    assert!(!asked.contains("\"ConsistentRead\":true"), "{asked}");
    assert_eq!(scene.stores.contents().await, contents);
}

#[tokio::test]
async fn an_answer_is_good_for_a_second_whatever_it_is() {
    let scene = Scene::on(Stores::without_redis().await);
    let good = scene.ask().await;
    scene.stores.go_away().await;
    for milliseconds in [0, 1, 500, 999] {
        assert_eq!(scene.ask_after(milliseconds).await, good);
    }
    assert_eq!(scene.stores.dynamo_proxy.calls(), 1);
    let bad = scene.ask_after(1000).await;
    assert_eq!((good.status, bad.status), (200, 503));
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.ask_after(1999).await, bad);
    assert_eq!(scene.ask_after(2000).await, good);
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_make_an_answer_last() {
    let scene = Scene::on(Stores::without_redis().await);
    scene.ask_after(3_600_000).await;
    scene.ask().await;
    assert_eq!(scene.stores.dynamo_proxy.calls(), 2);
}

/// It takes as long as the slower store, not the sum.
#[tokio::test]
async fn both_are_asked_at_once() {
    let scene = Scene::new().await;
    let redis = scene.stores.redis_proxy.as_ref().unwrap();
    let mut dynamodb = scene.stores.dynamo_proxy.hold_next("GetItem");
    let mut get = redis.hold_next("GET");
    let both = async {
        dynamodb.arrived().await;
        get.arrived().await;
        dynamodb.release();
        get.release();
    };
    let (reply, ()) = tokio::join!(scene.ask(), both);
    assert_eq!(reply.status, 200);
}
