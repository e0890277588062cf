//! All requests at once on one user, checked against one log of what was acknowledged (OWASP ASVS 2.3.3, 15.4).

mod dice;
mod oracle;
mod world;

use dice::Dice;
use testkit::Stores;
use world::{MOST, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_acknowledged_is_right_with_redis() {
    for seed in 1..=2 {
        let world = World::new(Stores::start().await, MOST, false).await;
        world.turmoil(seed).await;
        world.settle().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_acknowledged_is_right_on_dynamodb_alone() {
    let world = World::new(Stores::without_redis().await, MOST, false).await;
    world.turmoil(3).await;
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_acknowledged_is_right_while_sessions_end_for_their_number() {
    let world = World::new(Stores::start().await, 5, true).await;
    world.turmoil(4).await;
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_acknowledged_is_right_while_the_stores_break() {
    for seed in 5..=6 {
        let world = World::new(Stores::start().await, MOST, false).await;
        tokio::select! {
            () = world.sabotage(Dice::new(seed)) => {}
            () = world.turmoil(seed) => {}
        }
        world.stores.dynamo_proxy.heal();
        world.stores.redis_proxy.as_ref().unwrap().heal();
        world.stores.redis_proxy.as_ref().unwrap().deliver_late().await;
        world.settle().await;
    }
}
