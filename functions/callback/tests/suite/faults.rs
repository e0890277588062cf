use crate::support::{Scene, token};
use scene::{COOKIE, Fault, Reply};
use session::Slide;

/// The attempt is spent, since its code is; the browser's session, if any, stays.
fn unavailable(reply: &Reply) {
    assert_eq!(reply.cookies.len(), 1, "{reply:?}");
    scene::unavailable(reply);
}

/// ASVS 16.5.1, 16.5.2.
#[tokio::test]
async fn without_stores_nobody_signs_in_and_nobody_is_signed_out() {
    let scene = Scene::whole().await;
    let old = token(&scene.log_in().await);
    let (one, two) = (scene.visit().await, scene.visit().await);
    scene.stores.go_away().await;
    unavailable(&scene.ask(&one.request()).await);
    unavailable(&scene.ask(&two.request().cookie(COOKIE, &old.expose())).await);
}

#[tokio::test]
async fn each_call_to_dynamodb_that_fails_fails_the_login() {
    for operation in ["GetItem", "TransactWriteItems", "TransactGetItems"] {
        for fault in [Fault::Fail, Fault::Throttle] {
            let scene = Scene::small().await;
            let visit = scene.visit().await;
            scene.stores.dynamo_proxy.break_all(Some(operation), fault);
            unavailable(&scene.ask(&visit.request()).await);
            scene.stores.dynamo_proxy.heal();
            assert_eq!(scene.log_in().await.status, 302, "no restart is needed");
        }
    }
}

/// If DynamoDB's answer to a first login is lost, the next login finds the account.
#[tokio::test]
async fn a_lost_answer_makes_no_second_account() {
    let scene = Scene::small().await;
    scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::LoseAnswer]);
    let reply = scene.log_in().await;
    assert!([302, 503].contains(&reply.status), "{reply:?}");
    assert_eq!(scene.log_in().await.status, 302);
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (1, 2));
}

#[tokio::test]
async fn without_redis_people_sign_in() {
    let scene = Scene::whole().await;
    scene.stores.redis.as_ref().unwrap().kill9().await.unwrap();
    let token = token(&scene.log_in().await);
    assert!(scene.sessions().authenticate(&token, Slide::No, scene.now).await.unwrap().is_some());
}

/// A provider answers up to three times before a sign-in is done.
#[test]
fn a_callback_has_nine_seconds() {
    assert_eq!(<callback::Callback as edge::Function>::deadline(()).as_secs(), 9);
}
