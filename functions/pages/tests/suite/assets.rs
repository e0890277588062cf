//! The files of the pages.

use crate::{BRAND, Scene, asset};
use edge::Event2;
use scene::Request;
use serde_json::Value;

const FIRST_VIEW: [&str; 6] = ["pages.css", "brand.css", "login.js", "form.js", "page.js", "auth.js"];

async fn file(scene: &Scene, version: &str, name: &str) -> scene::Reply {
    scene.get(&format!("/auth/assets/{version}/{name}"), "").await
}

/// What goes over the wire: the bytes that the gateway makes of the body.
async fn wire(scene: &Scene, request: &Request) -> usize {
    let event: Event2 = serde_json::from_str(&request.event().to_string()).unwrap();
    let answer = edge::respond(&scene.function, event, scene.now).await;
    let answer: Value = serde_json::to_value(&answer).unwrap();
    let length = answer["body"].as_str().unwrap().len();
    if answer["isBase64Encoded"] == true { length * 3 / 4 } else { length }
}

#[tokio::test]
async fn every_file_that_a_page_names_is_there_for_a_year() {
    let scene = Scene::fixed(&BRAND).await;
    let version = asset(&scene, "auth.js").await;
    for path in ["/login", "/register", "/verify", "/password/forgot", "/password/reset", "/account", "/problem"] {
        let page = scene.get(path, "").await.body;
        let prefix = format!("/auth/assets/{version}/");
        let named: Vec<_> = page.split(&prefix).skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert!(named.len() > 2, "{page}");
        for name in named {
            let reply = file(&scene, &version, name).await;
            assert_eq!(
                (reply.status, reply.header("cache-control")),
                (200, Some("public, max-age=31536000, immutable"))
            );
            // What a script imports is beside it.
            for import in reply
                .body
                .split("from './")
                .skip(1)
                .map(|rest| rest.split('\'').next().unwrap())
                .filter(|name| !name.starts_with("types/"))
            {
                assert_eq!(file(&scene, &version, import).await.status, 200, "{name} imports {import}");
            }
        }
    }
}

#[tokio::test]
async fn another_content_has_another_address() {
    let (red, blue) = (Scene::fixed(&BRAND).await, Scene::fixed(&[("BRAND_COLOR", "#1d4ed8")]).await);
    let (red_version, blue_version) = (asset(&red, "auth.js").await, asset(&blue, "auth.js").await);
    assert_ne!(red_version, blue_version);
    assert!(file(&red, &red_version, "brand.css").await.body.contains("--accent: #be123c; --on-accent: #ffffff"));
    for (version, name) in [(&*blue_version, "pages.css"), ("x", "pages.css"), (&*red_version, "x.css")] {
        assert_eq!(file(&red, version, name).await.problem(), "not-found", "{version}/{name}");
    }
}

#[tokio::test]
async fn the_first_view_is_small() {
    let scene = Scene::fixed(&BRAND).await;
    let version = asset(&scene, "auth.js").await;
    let mut bytes = wire(&scene, &Request::get("/login")).await;
    for name in FIRST_VIEW {
        bytes += wire(&scene, &Request::get(&format!("/auth/assets/{version}/{name}"))).await;
    }
    assert!(bytes < 40_000, "{bytes} bytes");
}

/// RFC 9110, section 12.5.3.
#[tokio::test]
async fn who_does_not_take_gzip_gets_none() {
    let scene = Scene::fixed(&BRAND).await;
    for (accepted, encoding) in [
        (None, None),
        (Some("br"), None),
        (Some("gzip;q=0"), None),
        (Some("gzip; q=0.0, br"), None),
        (Some("br, GZIP;q=0.5"), Some("gzip")),
        (Some("gzip"), Some("gzip")),
    ] {
        let request = Request::get("/login").without("accept-encoding");
        let request = accepted.into_iter().fold(request, |request, value| request.header("accept-encoding", value));
        let reply = scene.ask(&request).await;
        assert_eq!(reply.header("content-encoding"), encoding, "{accepted:?}");
        assert_eq!(reply.header("vary"), Some("accept-encoding"));
    }
}
