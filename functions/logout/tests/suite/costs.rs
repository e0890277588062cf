//! What a sign-out asks of the stores, and which of it waits for what.

use crate::support::Scene;
use scene::{Stores, costs_what_is_written, now};

#[tokio::test]
async fn a_sign_out_here_and_everywhere() {
    for (flow, route) in [("logout", "/logout"), ("logout everywhere", "/logout/all")] {
        let scene = Scene::new(Stores::start().await, now()).await;
        let (browser, _) = (scene.browser().await, scene.browser().await);
        let (reply, steps) = scene.stores.in_steps(scene.ask(&browser.post(route))).await;
        costs_what_is_written(flow, &steps);
        assert_eq!(reply.status, 204, "{reply:?}");
    }
}
