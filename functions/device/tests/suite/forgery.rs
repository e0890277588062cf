use crate::support::{EMAIL, PASSWORD, Scene, credentials, logout, refresh};
use scene::{Stores, now};

/// There is no cookie that a page could abuse; and what a page of another origin sends is not even read.
#[tokio::test]
async fn no_other_site_gets_past_the_gate() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let token = scene.phone().await;
    let contents = scene.stores.contents().await;
    for request in [credentials(EMAIL, PASSWORD), refresh(&token), logout(&token)] {
        for origin in ["https://evil.example", "null", "https://app.example.com.evil.example"] {
            assert_eq!(scene.ask(&request.clone().header("origin", origin)).await.status, 403, "{origin}");
        }
        for site in ["cross-site", "same-site"] {
            assert_eq!(scene.ask(&request.clone().header("sec-fetch-site", site)).await.status, 403, "{site}");
        }
        let plain = request.without("content-type");
        for kind in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"] {
            assert_eq!(scene.ask(&plain.clone().header("content-type", kind)).await.status, 415, "{kind}");
        }
    }
    assert_eq!(scene.stores.contents().await, contents);
}

/// ASVS 3.5.3.
#[tokio::test]
async fn safe_methods_change_nothing() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let token = scene.phone().await;
    let contents = scene.stores.contents().await;
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        for request in [credentials(EMAIL, PASSWORD), refresh(&token), logout(&token)] {
            assert_eq!(scene.ask(&request.method(method)).await.status, 405, "{method}");
        }
    }
    assert_eq!(scene.stores.contents().await, contents);
}
