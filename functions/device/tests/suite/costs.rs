//! What a sign-in of a device asks of the store, and which of it waits for what.

use crate::support::{EMAIL, PASSWORD, Scene, credentials};
use scene::{Stores, costs_what_is_written, now};

/// The instance has read the signing keys before.
#[tokio::test]
async fn a_device_login_from_where_the_owner_is_known_and_from_elsewhere() {
    let scene = Scene::new(Stores::start().await, now()).await;
    scene.phone().await;
    let there = credentials(EMAIL, PASSWORD);
    for (flow, request) in
        [("device login", &there), ("device login from a new address", &there.clone().source_ip("203.0.113.250"))]
    {
        let (reply, steps) = scene.stores.in_steps(scene.ask(request)).await;
        costs_what_is_written(flow, &steps);
        assert_eq!(reply.status, 200, "{reply:?}");
    }
}
