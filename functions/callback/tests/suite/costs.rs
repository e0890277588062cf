//! What a sign-in at a provider asks of the stores, and which of it waits for what.

use crate::support::Scene;
use scene::costs_what_is_written;

#[tokio::test]
async fn a_first_visit_and_another_one() {
    let scene = Scene::whole().await;
    for flow in ["callback, new account", "callback"] {
        let visit = scene.visit().await;
        let (reply, steps) = scene.stores.in_steps(scene.ask(&visit.request())).await;
        costs_what_is_written(flow, &steps);
        assert_eq!(reply.status, 302, "{reply:?}");
    }
}
