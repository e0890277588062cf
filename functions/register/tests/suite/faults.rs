use crate::support::{EMAIL, PASSWORD, Scene, proof, wanted};
use scene::{Fault, Stores, now, unavailable};
use users::Challenge;

/// ASVS 16.5.1, 16.5.2.
#[tokio::test]
async fn without_stores_nothing_is_promised() {
    let scene = Scene::new(Stores::start().await, now());
    let mail = scene.mailed(EMAIL).await;
    scene.stores.go_away().await;
    unavailable(&scene.ask(&wanted(EMAIL, PASSWORD)).await);
    unavailable(&scene.ask(&proof(&mail)).await);
}

/// 202 says that the letter is durable.
#[tokio::test]
async fn a_letter_that_was_not_taken_is_503_and_a_repeat_brings_it() {
    let scene = Scene::new(Stores::without_redis().await, now());
    scene.stores.dynamo_proxy.break_all(Some("PutItem"), Fault::Fail);
    let reply = scene.ask(&wanted(EMAIL, PASSWORD)).await;
    unavailable(&reply);
    assert!(scene.letters().await.is_empty());
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.ask(&wanted(EMAIL, PASSWORD)).await.status, 202);
    assert_eq!(scene.letters().await.len(), 1);
}

#[tokio::test]
async fn each_call_to_dynamodb_that_fails_fails_the_proof() {
    let scene = Scene::new(Stores::start().await, now());
    let mail = scene.mailed(EMAIL).await;
    let made_up = Challenge::generate().unwrap();
    // A valid one is not counted.
    for (operation, token) in
        [("GetItem", &mail), ("TransactWriteItems", &mail), ("GetItem", &made_up), ("UpdateItem", &made_up)]
    {
        for fault in [Fault::Fail, Fault::Throttle] {
            scene.stores.dynamo_proxy.break_all(Some(operation), fault);
            unavailable(&scene.ask(&proof(token)).await);
            scene.stores.dynamo_proxy.heal();
        }
    }
    assert_eq!(scene.ask(&proof(&mail)).await.status, 201, "no restart is needed");
}

#[tokio::test]
async fn without_redis_people_register() {
    let scene = Scene::new(Stores::start().await, now());
    scene.stores.redis.as_ref().unwrap().kill9().await.unwrap();
    assert_eq!(scene.ask(&proof(&scene.mailed(EMAIL).await)).await.status, 201);
}

/// The account is made, but the session is not: the person signs in.
#[tokio::test]
async fn an_account_without_its_session_is_503_and_then_a_used_link() {
    let scene = Scene::new(Stores::start().await, now());
    let mail = scene.mailed(EMAIL).await;
    scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::Pass, Fault::Fail, Fault::Fail, Fault::Fail]);
    unavailable(&scene.ask(&proof(&mail)).await);
    assert_eq!(scene.ask(&proof(&mail)).await.problem(), "already-verified");
    assert!(scene.opens(EMAIL, PASSWORD).await);
}

#[tokio::test]
async fn an_answer_that_is_lost_is_no_second_account() {
    let scene = Scene::new(Stores::start().await, now());
    let mail = scene.mailed(EMAIL).await;
    scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::LoseAnswer; 3]);
    unavailable(&scene.ask(&proof(&mail)).await);
    assert_eq!(scene.ask(&proof(&mail)).await.problem(), "already-verified");
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (1, 1));
    assert!(scene.opens(EMAIL, PASSWORD).await);
}

/// Killed between any two commands: there is an account with a way in, or neither, but never half of it.
#[tokio::test]
async fn a_proof_that_is_killed_made_an_account_or_did_not() {
    let mut finished = false;
    for commands in 0..20 {
        let scene = Scene::new(Stores::start().await, now());
        let mail = scene.mailed(EMAIL).await;
        let reply = scene.stores.killed_after(commands, scene.ask(&proof(&mail))).await;
        let made = scene.count("users").await;
        assert_eq!(scene.count("user_identities").await, made, "{commands}");
        assert_eq!(scene.opens(EMAIL, PASSWORD).await, made == 1, "{commands}");
        let again = scene.ask(&proof(&mail)).await;
        assert_eq!(again.status, if made == 1 { 409 } else { 201 }, "{commands}: {again:?}");
        finished = reply.is_some_and(|reply| reply.status == 201);
        if finished {
            break;
        }
    }
    assert!(finished, "it takes more commands than were tried");
}

#[tokio::test]
async fn a_registration_that_is_killed_made_a_letter_or_did_not() {
    for commands in 0..5 {
        let scene = Scene::new(Stores::without_redis().await, now());
        let reply = scene.stores.killed_after(commands, scene.ask(&wanted(EMAIL, PASSWORD))).await;
        let letters = scene.letters().await.len();
        assert!(letters <= 1 && (reply.is_none() || letters == 1), "{commands}: {reply:?}");
        assert_eq!(scene.ask(&wanted(EMAIL, PASSWORD)).await.status, 202, "{commands}");
    }
}

/// ASVS 2.2.1: an unreadable challenge makes no account.
#[tokio::test]
async fn corrupt_challenges_are_503() {
    for member in ["purpose", "email", "created_at", "expires_at", "purge_at"] {
        let scene = Scene::new(Stores::without_redis().await, now());
        let mail = scene.mailed(EMAIL).await;
        let mut row = scene.stores.contents().await["test-challenges"][0].clone();
        row[member] = serde_json::json!([{ "odd": true }]);
        scene.stores.put("challenges", &row).await;
        unavailable(&scene.ask(&proof(&mail)).await);
        assert_eq!(scene.count("users").await, 0);
    }
}
