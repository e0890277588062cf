//! Endings while an identity is about to be added. ASVS 7.4.1, 7.4.3.

use crate::support::Scene;
use futures_util::join;
use scene::{Logs, Request};
use serde_json::json;

/// If Redis lost a tombstone, the hot copy may live on: a way in is permanent, so the row decides.
#[tokio::test]
async fn a_session_that_redis_only_thinks_alive_adds_nothing() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let (browser, visit) = scene.linking(&bob).await;
    let (id, copy) = (browser.token.id(), scene.stores.copy(&browser.token.id()).await.unwrap());
    scene.sessions().revoke(&browser.token, scene.now).await.unwrap();
    scene.stores.put_copy(&id, &copy).await;
    scene.turns_away(&browser.with_cookie(visit.request())).await;
    assert_eq!(scene.owner().await, None);
}

/// A sign-out everywhere, or a password reset, that commits after the session was found alive.
#[tokio::test]
async fn what_ends_everything_while_the_provider_is_asked_wins() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let (browser, other) = (scene.browser_of(&bob).await, scene.browser_of(&bob).await);
    let request: Request = browser.with_cookie(scene.linking_visit(&browser).await.request());
    let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
    let overtake = async {
        held.arrived().await;
        scene.sessions().revoke_all(&other.token, scene.now).await.unwrap();
        held.release();
    };
    let logs = Logs::capture();
    let (reply, ()) = join!(scene.ask(&request), overtake);
    assert_eq!((reply.status, &*reply.problem(), scene.owner().await), (400, "login-expired", None));
    let expected = json!({
        "event": "login_failed", "auth_method": "oidc:acme", "reason": "login-expired", "user_id": bob, "detail": "link",
    });
    assert_eq!(logs.event(), expected);
}

/// Otherwise the identity would be added under the new epoch.
#[tokio::test]
async fn what_ends_everything_between_the_session_and_the_account_wins() {
    let scene = Scene::whole().await;
    let bob = scene.add("bob@example.com").await;
    let (browser, other) = (scene.browser_of(&bob).await, scene.browser_of(&bob).await);
    let request: Request = browser.with_cookie(scene.linking_visit(&browser).await.request());
    let calls = scene.provider.calls();
    let mut session = scene.stores.dynamo_proxy.hold_next("GetItem");
    let mut account = scene.stores.dynamo_proxy.hold_next("GetItem");
    let overtake = async {
        session.arrived().await;
        session.release();
        account.arrived().await;
        scene.sessions().revoke_all(&other.token, scene.now).await.unwrap();
        account.release();
    };
    let (reply, ()) = join!(scene.ask(&request), overtake);
    assert_eq!((reply.status, &*reply.problem(), scene.owner().await), (400, "login-expired", None));
    assert_eq!(scene.provider.calls(), calls, "and the code is not spent");
}
