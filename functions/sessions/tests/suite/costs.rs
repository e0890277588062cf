//! What ending other sessions asks of the stores, and which of it waits for what.

use crate::support::{Scene, end, end_others};
use scene::{Stores, costs_what_is_written, now};

#[tokio::test]
async fn one_other_and_eight_others() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, other) = (scene.browser().await, scene.browser().await);
    let (reply, steps) = scene.stores.in_steps(scene.ask(&end(&browser, other.token.id().as_str()))).await;
    costs_what_is_written("end one other", &steps);
    assert_eq!(reply.status, 204, "{reply:?}");
    for _ in 0..8 {
        scene.browser().await;
    }
    let (reply, steps) = scene.stores.in_steps(scene.ask(&end_others(&browser))).await;
    costs_what_is_written("end eight others", &steps);
    assert_eq!(reply.status, 204, "{reply:?}");
}
