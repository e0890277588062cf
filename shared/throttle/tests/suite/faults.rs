//! If the store fails, no try is allowed and no request waits. ASVS 16.5.2.

use crate::support::{ADA, End, HOME, Scene, refuse, sign_in};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use testkit::{Fault, Logs};
use throttle::{Error, Throttle, Try};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_store_that_fails_is_an_error_in_bounded_time() {
    let scene = Scene::new().await;
    scene.exhaust(&sign_in(ADA, HOME), 5, 0).await;
    for fault in [Fault::Fail, Fault::Throttle, Fault::Hang] {
        // After a wait, one row replaces another.
        for (operation, account, after) in
            [("BatchGetItem", ADA, 0), ("UpdateItem", "eve@example.com", 0), ("PutItem", ADA, 30_000)]
        {
            scene.stores.dynamo_proxy.break_all(Some(operation), fault);
            let begun = Instant::now();
            let result = refuse(&scene.throttle, &sign_in(account, HOME), scene.at(after)).await;
            assert!(matches!(result, Err(End::Throttled(Error::Store(_)))), "{operation}, {fault:?}: {result:?}");
            assert!(begun.elapsed() < Duration::from_secs(6), "{operation}, {fault:?}: {:?}", begun.elapsed());
            scene.stores.dynamo_proxy.heal();
        }
    }
    assert_eq!(scene.take(&sign_in("eve@example.com", HOME), 0).await, Ok(()), "no restart is needed");
}

/// Work that may be skipped gets less time than work that must be done.
#[tokio::test]
async fn an_outcome_that_needs_no_counting_does_not_wait_for_a_store_that_hangs() {
    let scene = Scene::new().await;
    for (n, outcome) in [Ok(()), Err(End::Failed)].into_iter().enumerate() {
        let account = format!("{n}@example.com");
        let hanging = async {
            scene.stores.dynamo_proxy.break_all(None, Fault::Hang);
            outcome
        };
        let logs = Logs::capture();
        let ended = scene.throttle.attempt(&sign_in(&account, HOME), scene.at(0), hanging).await;
        assert!(matches!(ended, Ok(()) | Err(End::Failed)), "{ended:?}");
        // Each call by itself would have been given up with its own error, after three seconds.
        let lines = logs.of("throttle::throttle");
        let given_up = matches!(&*lines, [line] if line["message"] == "a try may weigh more than it should");
        assert!(given_up, "{}", logs.text());
        scene.stores.dynamo_proxy.heal();
    }
}

#[tokio::test]
async fn rivals_that_never_give_way_are_an_error() {
    let scene = Scene::new().await;
    scene.stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Conflict);
    let result = refuse(&scene.throttle, &sign_in(ADA, HOME), scene.at(0)).await;
    assert!(matches!(result, Err(End::Throttled(Error::Store(dynamo::Error::Conflict)))), "{result:?}");
}

/// Stands in front of a DynamoDB and leaves all rows out of some reads, like a table short of throughput.
struct Partial {
    target: String,
    left: AtomicUsize,
}

async fn pass(State(partial): State<Arc<Partial>>, mut headers: HeaderMap, body: Bytes) -> Response {
    let is_read = headers["x-amz-target"].to_str().unwrap().ends_with("BatchGetItem");
    let count = |left: usize| left.checked_sub(1);
    if is_read && partial.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count).is_ok() {
        let asked: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let answer = serde_json::json!({ "Responses": {}, "UnprocessedKeys": asked["RequestItems"] });
        return (StatusCode::OK, [("content-type", "application/x-amz-json-1.0")], answer.to_string()).into_response();
    }
    headers.remove("host");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(&partial.target).headers(headers).body(body).send().await.unwrap();
    (answer.status(), answer.headers().clone(), answer.bytes().await.unwrap()).into_response()
}

/// A throttle for which so many reads return no rows.
async fn short_of_throughput(scene: &Scene, reads: usize) -> Throttle {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let partial = Partial { target: scene.stores.dynamo_proxy.endpoint(), left: reads.into() };
    let router = Router::new().fallback(pass).with_state(Arc::new(partial));
    // Ends with the test's runtime.
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let config = dynamo::Settings { table_prefix: "test-".to_owned(), endpoint: None };
    Throttle::new(dynamo::Dynamo::with(&config, &stand::sdk_config(&endpoint)))
}

/// A row that is left out of the answer may still exist.
#[tokio::test]
async fn rows_that_an_answer_leaves_out_are_asked_for_again() {
    let scene = Scene::new().await;
    // Two counters are read before they are written; a pair's writes would reveal it.
    let tried = Try { account: None, ..sign_in(ADA, "2001:db8::1") };
    scene.exhaust(&tried, 100, 0).await;
    let result = refuse(&short_of_throughput(&scene, 3).await, &tried, scene.at(0)).await;
    assert!(matches!(result, Err(End::Throttled(Error::TooMany(_)))), "{result:?}");
    let result = refuse(&short_of_throughput(&scene, usize::MAX).await, &tried, scene.at(0)).await;
    let conflict = matches!(result, Err(End::Throttled(Error::Store(dynamo::Error::Conflict))));
    assert!(conflict, "not for ever: {result:?}");
}
