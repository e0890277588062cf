//! What a new password asks of the stores, and which of it waits for what.

use crate::support::{EMAIL, NEW, PASSWORD, Scene, change, confirm};
use scene::{Stores, costs_what_is_written, now};

#[tokio::test]
async fn a_change_in_one_of_two_browsers() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (here, _) = (scene.browser().await, scene.browser().await);
    let (reply, steps) = scene.stores.in_steps(scene.ask(&change(&here, PASSWORD, NEW))).await;
    costs_what_is_written("password", &steps);
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn a_reset_that_ends_a_session() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (mail, _) = (scene.mailed(EMAIL).await, scene.browser().await);
    let (reply, steps) = scene.stores.in_steps(scene.ask(&confirm(&mail, NEW))).await;
    costs_what_is_written("reset, confirmed", &steps);
    assert_eq!(reply.status, 204, "{reply:?}");
}
