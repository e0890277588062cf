//! Every answer that the contract documents, whole.

use crate::support::{ROUTE, fixed};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn a_live_session_is_200() {
    let scene = fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.post(ROUTE)).await);
}

#[tokio::test]
async fn a_session_that_slides_is_200_with_the_cookie() {
    let mut scene = fixed().await;
    let browser = scene.browser().await;
    scene.pass(300);
    assert_snapshot!(scene.ask(&browser.post(ROUTE).json(&json!({ "audience": "reports" }))).await);
}

#[tokio::test]
async fn an_unknown_audience_is_422() {
    let scene = fixed().await;
    assert_snapshot!(scene.ask(&scene.browser().await.post(ROUTE).json(&json!({ "audience": "billing" }))).await);
}
