//! An account that changes, or may not be used, while its user comes back from a provider.

use crate::support::Scene;
use futures_util::join;
use outbox::Outbox;
use scene::COOKIE;
use serde_json::json;

/// The person may have signed out everywhere between the check and the session: data that was read before must not let
/// them in.
#[tokio::test]
async fn a_login_that_is_overtaken_by_a_sign_out_everywhere_fails() {
    let scene = Scene::small().await;
    let user_id = scene.user_of(&scene.log_in().await).await;
    let request = scene.visit().await.request();
    let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
    let overtake = async {
        held.arrived().await;
        scene.stores.change("users", ("user_id", &user_id), |row| row["security_epoch"] = json!(1)).await;
        held.release();
    };
    let (reply, ()) = join!(scene.ask(&request), overtake);
    assert_eq!((reply.status, &*reply.problem(), reply.cookie(COOKIE)), (409, "overtaken", None));
    assert_eq!(scene.log_in().await.status, 302, "the next login reads the new state");
}

/// Otherwise an unrequested way in would exist on the day the account is enabled again.
#[tokio::test]
async fn a_disabled_account_is_not_joined() {
    let scene = Scene::whole().await;
    let user_id = scene.add("ana@example.com").await;
    scene.stores.change("users", ("user_id", &user_id), |row| row["status"] = json!("disabled")).await;
    let visit = scene.visit().await;
    let kept = scene.kept().await;
    let reply = scene.ask(&visit.request()).await;
    assert_eq!((reply.status, &*reply.problem(), reply.cookie(COOKIE)), (400, "login-refused", None));
    assert_eq!(scene.kept().await, kept);
}

#[tokio::test]
async fn a_sign_in_from_a_new_place_is_told_by_mail() {
    let scene = Scene::small().await;
    scene.log_in().await;
    scene.log_in().await;
    assert!(Outbox::new(scene.stores.dynamo()).due(scene.now).await.unwrap().is_empty());
    let elsewhere = scene.visit().await.request().source_ip("198.51.100.1").header("accept-language", "pt");
    assert_eq!(scene.ask(&elsewhere).await.status, 302);
    let [letter] = &Outbox::new(scene.stores.dynamo()).due(scene.now).await.unwrap()[..] else { panic!("one letter") };
    assert_eq!(letter.locale, outbox::Locale::Pt);
}

/// It is recognized by the value that it keeps.
#[tokio::test]
async fn a_browser_that_is_known_is_told_from_nowhere() {
    const BROWSER: &str = "__Host-browser";
    let scene = Scene::small().await;
    let kept = scene.log_in().await.cookie(BROWSER).unwrap().to_owned();
    let elsewhere = scene.visit().await.request().source_ip("198.51.100.1").cookie(BROWSER, &kept);
    let reply = scene.ask(&elsewhere).await;
    assert_eq!((reply.status, reply.cookie(BROWSER)), (302, Some(&*kept)));
    assert!(Outbox::new(scene.stores.dynamo()).due(scene.now).await.unwrap().is_empty());
}
