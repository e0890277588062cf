use crate::support::{EMAIL, PASSWORD, Scene, credentials, start};
use login::{Login, Route};
use scene::{Answer, Endpoint, Fault, Lie, Stores, now, unavailable};

/// ASVS 16.5.1, 16.5.2: never 401, which would sign people out, and never 200.
#[tokio::test]
async fn without_stores_nobody_signs_in_and_nobody_is_signed_out() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.sign_in().await;
    scene.stores.go_away().await;
    let sound = browser.with_cookie(credentials(EMAIL, PASSWORD)).header("x-csrf-token", &browser.token.csrf());
    for request in [
        credentials(EMAIL, PASSWORD),
        credentials(EMAIL, "wrong password"),
        credentials("nobody@example.com", PASSWORD),
        // It is unknown whether the session is live.
        browser.with_cookie(credentials(EMAIL, PASSWORD)),
        sound,
    ] {
        unavailable(&scene.ask(&request).await);
    }
    assert_eq!(scene.ask(&start()).await.status, 302, "a provider needs no store of ours");
}

#[tokio::test]
async fn each_call_to_dynamodb_that_fails_fails_the_login() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let operations = ["BatchGetItem", "UpdateItem", "GetItem", "TransactGetItems", "TransactWriteItems"];
    for (n, operation) in operations.into_iter().enumerate() {
        for fault in [Fault::Fail, Fault::Throttle] {
            scene.stores.dynamo_proxy.break_all(Some(operation), fault);
            unavailable(&scene.ask(&credentials(EMAIL, PASSWORD).source_ip(&format!("198.51.100.{n}"))).await);
            scene.stores.dynamo_proxy.heal();
        }
    }
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 200, "no restart is needed");
}

#[tokio::test]
async fn without_redis_people_sign_in() {
    let scene = Scene::new(Stores::start().await, now()).await;
    scene.stores.redis.as_ref().unwrap().kill9().await.unwrap();
    let browser = scene.sign_in().await;
    let session = scene.sessions().authenticate(&browser.token, session::Slide::No, scene.now).await.unwrap();
    assert_eq!(session.unwrap().record.user_id, scene.user_id);
}

/// The password may have been changed between the check and the session: the holder of the old one must not get in.
#[tokio::test]
async fn a_login_that_is_overtaken_by_a_sign_out_everywhere_fails() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let mut held = scene.stores.dynamo_proxy.hold_next("TransactWriteItems");
    let request = credentials(EMAIL, PASSWORD);
    let overtake = async {
        held.arrived().await;
        scene.stores.change("users", ("user_id", &scene.user_id), |row| row["security_epoch"] = 1.into()).await;
        held.release();
    };
    let (reply, ()) = futures_util::join!(scene.ask(&request), overtake);
    assert_eq!((reply.status, &*reply.problem(), reply.cookies.len()), (409, "overtaken", 0));
    assert_eq!(scene.ask(&request).await.status, 200);
}

/// ASVS 2.2.1, 15.3.3.
#[tokio::test]
async fn corrupt_rows_let_nobody_in() {
    for (table, member) in [
        ("user_identities", "created_at"),
        ("user_identities", "verified"),
        ("user_identities", "password_hash"),
        ("users", "scopes"),
        ("users", "status"),
        ("users", "security_epoch"),
        ("users", "sessions"),
        ("users", "created_at"),
    ] {
        let scene = Scene::new(Stores::without_redis().await, now()).await;
        let key = if table == "users" { ("user_id", &*scene.user_id) } else { ("identity", "email#ada@example.com") };
        scene.stores.change(table, key, |row| row[member] = serde_json::json!([{ "odd": true }])).await;
        unavailable(&scene.ask(&credentials(EMAIL, PASSWORD)).await);
    }
}

#[tokio::test]
async fn a_provider_that_fails_is_not_our_stores_failing() {
    for answer in [Answer::Status(500), Answer::Html, Answer::CutShort] {
        let scene = Scene::new(Stores::without_redis().await, now()).await;
        scene.provider.lie(Lie::Answer(Endpoint::Discovery, answer));
        let reply = scene.ask(&start()).await;
        assert_eq!((reply.status, &*reply.problem(), reply.cookies.len()), (502, "provider-failed", 0));
        assert!(!reply.body.contains("127.0.0.1"), "{reply:?}");
        scene.provider.repent();
        assert_eq!(scene.ask(&start()).await.status, 302);
    }
}

/// A provider answers up to three times before a sign-in is done; the stores are given up before 4.5 seconds.
#[test]
fn a_call_that_asks_a_provider_has_longer() {
    for (route, seconds) in [(Route::Password, 4.5), (Route::Provider, 9.0), (Route::Link, 9.0)] {
        assert_eq!(<Login as edge::Function>::deadline(route).as_secs_f64(), seconds);
    }
}
