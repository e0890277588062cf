//! `GET /.well-known/jwks.json`, asked with real events on a real store.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod laws;

use edge::Function;
use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp};
use jwks::Jwks;
use scene::{Fault, Logs, PUBLIC_URL, Reply, Request, Stores, each_hostile, reads, settings, then};
use serde_json::json;
use tokens::{Subject, Tokens};

const ROUTE: &str = "/.well-known/jwks.json";

struct Scene {
    stores: Stores,
    jwks: Jwks,
}

impl Scene {
    async fn new() -> Self {
        let stores = Stores::without_redis().await;
        let jwks = stores.wired(Jwks::wire, &[]);
        Self { stores, jwks }
    }

    /// A scene with the keys that the first token makes.
    async fn with_keys(now: Timestamp) -> Self {
        let scene = Self::new().await;
        let public_url = vec![("PUBLIC_URL".to_owned(), PUBLIC_URL.to_owned())];
        let tokens = Tokens::new(settings(public_url, tokens::Settings::from_environment), scene.stores.dynamo());
        let subject = Subject {
            user_id: "ada",
            session_id: "session",
            client_id: "browser",
            scopes: &[],
            auth_time: now,
            not_after: Timestamp::MAX,
        };
        tokens.mint(&subject, None, now).await.unwrap();
        scene
    }

    async fn ask(&self, request: &Request) -> Reply {
        request.send(&self.jwks, then()).await
    }

    /// Asks this many seconds later.
    async fn look_after(&self, seconds: i64) -> Reply {
        Request::get(ROUTE).send(&self.jwks, then() + SignedDuration::from_secs(seconds)).await
    }
}

/// If it were cached, the empty answer would outlive the first key.
#[tokio::test]
async fn no_keys_yet_is_200_and_not_cached() {
    assert_snapshot!(Scene::new().await.ask(&Request::get(ROUTE)).await);
}

#[tokio::test]
async fn keys_are_200_and_cached_for_five_minutes() {
    assert_snapshot!(Scene::with_keys(then()).await.ask(&Request::get(ROUTE)).await);
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_not_cached() {
    let scene = Scene::with_keys(then()).await;
    scene.stores.go_away().await;
    let logs = Logs::capture();
    assert_snapshot!(scene.ask(&Request::get(ROUTE)).await);
    let about = logs.lines().iter().filter(|line| line.to_string().contains("DynamoDB")).count();
    assert_eq!(about, 1, "{}", logs.text());
}

/// ASVS 16.5.2: services that verify tokens do not notice an outage of the store.
#[tokio::test]
async fn while_the_store_is_away_what_was_read_last_is_told_for_an_hour() {
    let scene = Scene::with_keys(then()).await;
    let fresh = scene.look_after(0).await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    for (seconds, status) in [(0, 200), (3599, 200), (3600, 503), (-1, 503)] {
        let logs = Logs::capture();
        let reply = scene.look_after(seconds).await;
        assert_eq!(reply.status, status, "{seconds}");
        let about = logs.lines().iter().filter(|line| line.to_string().contains("DynamoDB")).count();
        assert_eq!(about, 1, "{}", logs.text());
        if status == 200 {
            assert_eq!((&reply.body, reply.header("cache-control")), (&fresh.body, Some("public, max-age=30")));
        }
    }
    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.look_after(3600).await.header("cache-control"), Some("public, max-age=300"));
}

/// ASVS 9.1.3: an instance's memory does not prolong a key's life.
#[tokio::test]
async fn no_key_is_told_from_memory_after_it_has_left() {
    let scene = Scene::with_keys(then()).await;
    let rows = scene.stores.contents().await["test-signing_keys"].as_array().cloned().unwrap();
    for (mut row, seconds) in rows.into_iter().zip([60, 120]) {
        row["leaves_at"] = json!(then().as_millisecond() + seconds * 1000);
        scene.stores.put("signing_keys", &row).await;
    }
    scene.look_after(0).await;
    scene.stores.dynamo_proxy.break_all(None, Fault::Fail);
    for (seconds, keys) in [(59, 2), (60, 1), (119, 1)] {
        assert_eq!(scene.look_after(seconds).await.json()["keys"].as_array().unwrap().len(), keys, "{seconds}");
    }
    assert_eq!(scene.look_after(120).await.status, 503, "no keys at all are no answer");
}

/// ASVS 14.2.1, 9.1.3: the private half is in the same row, and is not even read.
#[tokio::test]
async fn nothing_private_is_told() {
    let scene = Scene::with_keys(then()).await;
    scene.stores.dynamo_proxy.record();
    let reply = scene.ask(&Request::get(ROUTE)).await;
    for key in reply.json()["keys"].as_array().unwrap() {
        let members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    }
    let asked = String::from_utf8_lossy(&scene.stores.dynamo_proxy.recorded()).into_owned();
    assert!(asked.contains("ProjectionExpression") && !asked.contains("private"), "{asked}");
}

/// ASVS 3.5.3: every client may ask, as often as it likes.
#[tokio::test]
async fn a_look_changes_nothing_and_another_method_is_a_denial() {
    let scene = Scene::with_keys(then()).await;
    let contents = scene.stores.contents().await;
    let logs = Logs::capture();
    for method in ["GET", "HEAD", "OPTIONS", "POST", "DELETE"] {
        scene.ask(&Request::new(method, ROUTE)).await;
    }
    assert_eq!((logs.of("request").len(), logs.of("audit").len(), logs.lines().len()), (5, 4, 9), "{}", logs.text());
    assert_eq!(scene.stores.contents().await, contents);
}

/// ASVS 2.2.1: if one row is unreadable, no key is published, rather than an incomplete set.
#[tokio::test]
async fn corrupt_keys_are_503() {
    for member in ["leaves_at", "public_jwk"] {
        let scene = Scene::with_keys(then()).await;
        let keys = scene.stores.contents().await["test-signing_keys"].as_array().cloned().unwrap();
        let mut key = keys[0].clone();
        key[member] = json!([1]);
        scene.stores.put("signing_keys", &key).await;
        let reply = scene.ask(&Request::get(ROUTE)).await;
        assert_eq!((reply.status, &*reply.problem(), reply.header("retry-after")), (503, "unavailable", Some("1")));
    }
}

/// ASVS 1.2.1, 2.2.1, 15.3.7: the answer is the same whatever else is sent. One in five is enough, since each reads the
/// table.
#[tokio::test]
async fn no_hostile_text_anywhere_makes_a_difference() {
    let scene = Scene::with_keys(then()).await;
    let plain = scene.ask(&Request::get(ROUTE)).await;
    for request in each_hostile(&Request::get(ROUTE)).iter().step_by(5) {
        assert_eq!(scene.ask(request).await, plain, "{request:?}");
    }
}

/// The variables that a template may set, and those it must set.
#[test]
fn a_function_that_refuses_to_start_says_what_it_reads() {
    let read = reads(env!("CARGO_BIN_EXE_jwks"), &[("TABLE_PREFIX", "/"), ("PUBLIC_URL", PUBLIC_URL), ("OTHER", "x")]);
    let expected = [
        "ALLOWED_ORIGINS",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "COOKIE_NAME",
        "COOKIE_SAMESITE",
        "LOGOUT_CLEARS",
        "METRICS_NAMESPACE",
        "PUBLIC_URL",
        "SSL_CERT_FILE",
        "TABLE_PREFIX",
        "TRUSTED_PROXY_HEADER",
        "TRUSTED_PROXY_HOPS",
    ];
    assert_eq!(read, expected);
}
