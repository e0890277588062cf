//! What is stored, and what becomes of rows that nobody wrote.

use crate::support::{ADA, HOME, Scene, sign_in};
use serde_json::{Value, json};
use throttle::Error;

/// DynamoDB removes a row some time after this moment, in seconds: not before the longest wait it can bring is over.
#[tokio::test]
async fn rows_go_by_themselves() {
    const DAY: i64 = 24 * 3600;
    let scene = Scene::new().await;
    scene.take(&sign_in(ADA, HOME), 0).await.unwrap();
    scene.take(&sign_in(ADA, HOME), 60_000).await.unwrap();
    // The scene begins within a second.
    let start = scene.start.as_second() + 1;
    let longest = 15 * 60;
    let purge_at = async |scope: &str| scene.row(scope).await.unwrap()["purge_at"].as_i64().unwrap() - start;
    assert_eq!(purge_at("pair").await, DAY + longest);
    assert_eq!(purge_at("account").await, DAY + longest);
    assert_eq!(purge_at("address").await, 3600 + longest);
    scene.take(&sign_in(ADA, HOME), 3_600_000).await.unwrap();
    assert_eq!(purge_at("address").await, 3600 + 3600 + longest, "a new window");
    scene.clear(&sign_in(ADA, HOME), 0).await;
    assert_eq!(purge_at("pair").await, 30 * DAY);
    scene.take(&sign_in(ADA, HOME), 0).await.unwrap();
    assert_eq!(purge_at("pair").await, 30 * DAY, "trust outlasts a failure");
}

/// ASVS 2.2.1, 15.3.3: not a panic, not a default that lets a flood through.
#[tokio::test]
async fn a_corrupt_row_is_an_error() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.take(&tried, 0).await.unwrap();
    for (scope, sound) in scene.rows().await {
        for member in ["tries", "began_at", "last_at", "trusted_until", "purge_at"] {
            for odd in [json!("odd"), json!([1]), json!({ "a": 1 }), json!(-1.5), Value::Null] {
                if member == "trusted_until" && odd.is_null() {
                    continue;
                }
                let key = sound["key"].as_str().unwrap();
                scene.stores.change("throttle", ("key", key), |row| row[member] = odd.clone()).await;
                let result = scene.throttle.take(&tried, scene.at(0)).await;
                let corrupt = matches!(result, Err(Error::Store(dynamo::Error::Corrupt { .. })));
                assert!(corrupt, "{scope}: {member} = {odd}: {result:?}");
                scene.stores.put("throttle", &sound).await;
            }
        }
    }
    assert_eq!(scene.take(&tried, 0).await, Ok(()));
}
