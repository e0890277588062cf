//! What is stored, and how rows are treated that this code did not write.

use crate::support::{ADA, End, HOME, Scene, refuse, sign_in};
use serde_json::{Value, json};
use throttle::Error;

/// DynamoDB removes a row some time after this moment, in seconds: not before the longest wait that it can cause is
/// over.
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
    scene.throttle.trust(&sign_in(ADA, HOME), scene.at(0)).await;
    assert_eq!(purge_at("pair").await, 30 * DAY);
    scene.take(&sign_in(ADA, HOME), 0).await.unwrap();
    assert_eq!(purge_at("pair").await, 30 * DAY, "trust outlasts a failure");
}

/// ASVS 2.2.1, 15.3.3: no panic, and no default that lets a flood through.
#[tokio::test]
async fn a_corrupt_row_is_an_error() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.take(&tried, 0).await.unwrap();
    scene.abandon(&tried, 0).await.unwrap();
    for (scope, sound) in scene.rows().await {
        let members: Vec<_> = sound.as_object().unwrap().keys().filter(|member| *member != "key").collect();
        assert_eq!(members.len(), 6, "with a lease");
        for member in members.into_iter().map(String::as_str).chain(["trusted_until"]) {
            for odd in [json!("odd"), json!([1]), json!({ "a": 1 }), json!(-1.5), Value::Null] {
                let may_be_absent = ["trusted_until", "revision"].contains(&member) || member.starts_with("lease#");
                if may_be_absent && odd.is_null() {
                    continue;
                }
                let key = sound["key"].as_str().unwrap();
                scene.stores.change("throttle", ("key", key), |row| row[member] = odd.clone()).await;
                let result = refuse(&scene.throttle, &tried, scene.at(0)).await;
                let corrupt = matches!(result, Err(End::Throttled(Error::Store(dynamo::Error::Corrupt { .. }))));
                assert!(corrupt, "{scope}: {member} = {odd}: {result:?}");
                scene.stores.put("throttle", &sound).await;
            }
        }
    }
    assert_eq!(scene.take(&tried, 0).await, Ok(()));
}

/// During a deployment: the previous version knows neither leases nor revisions, and drops what it does not know.
#[tokio::test]
async fn a_row_of_the_version_before_is_counted_on() {
    let scene = Scene::new().await;
    let tried = sign_in(ADA, HOME);
    scene.exhaust(&tried, 3, 0).await;
    for (_, mut row) in scene.rows().await {
        row.as_object_mut().unwrap().remove("revision").unwrap();
        scene.stores.put("throttle", &row).await;
    }
    scene.exhaust(&tried, 2, 0).await;
    assert_eq!(scene.take(&tried, 0).await, Err(30_000));
    for (_, mut row) in scene.rows().await {
        row.as_object_mut().unwrap().remove("revision").unwrap();
        scene.stores.put("throttle", &row).await;
    }
    assert_eq!(scene.take(&tried, 30_000).await, Ok(()), "where the row is replaced");
    assert_eq!(scene.take(&tried, 30_000).await, Err(60_000));
}
