use crate::support::{EMAIL, PASSWORD, Scene, credentials, start};
use scene::{HOSTILE, Stores, each_hostile, now, whatever_is_asked};
use serde_json::json;

const DOCUMENTED: [u16; 11] = [200, 302, 400, 401, 403, 404, 405, 413, 415, 422, 429];

/// ASVS 1.2.4, 1.5.3, 2.2.1: never somebody else's row.
#[tokio::test]
async fn no_hostile_address_or_password_gets_in_or_comes_back() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let accounts = scene.accounts().await;
    for (n, text) in HOSTILE.into_iter().enumerate() {
        for (email, password) in [
            (text.to_owned(), PASSWORD.to_owned()),
            (format!("{EMAIL}{text}"), "wrong password".to_owned()),
            (format!("{text}@example.com"), PASSWORD.to_owned()),
            (EMAIL.to_owned(), text.to_owned()),
        ] {
            let reply = scene.ask(&credentials(&email, &password).source_ip(&format!("198.51.100.{n}"))).await;
            assert!([401, 422].contains(&reply.status), "{email:?}, {password:?}: {reply:?}");
            let told = text.len() > 4 && text.is_ascii() && reply.body.contains(text);
            assert!(!told || "null undefined".contains(text), "{reply:?}");
        }
    }
    assert_eq!(scene.accounts().await, accounts);
}

/// ASVS 2.2.1, 15.3.3.
#[tokio::test]
async fn members_are_strings_there_once_and_no_others() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for odd in [json!(null), json!(1), json!(true), json!([]), json!({}), json!([EMAIL]), json!({ "ne": "" })] {
        for body in [
            json!({ "email": odd, "password": PASSWORD }),
            json!({ "email": EMAIL, "password": odd }),
            json!({ "email": EMAIL, "password": PASSWORD, "scopes": odd }),
            json!({ "email": EMAIL, "password": PASSWORD, "user_id": odd }),
            odd.clone(),
        ] {
            assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD).json(&body)).await.problem(), "bad-request", "{body}");
        }
    }
    let twice = r#"{"email":"nobody@example.com","password":"correct horse battery staple","email":"ada@example.com"}"#;
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD).text(twice)).await.problem(), "bad-request");
}

/// ASVS 1.2.1, 2.2.1, 15.3.7. The address stops short of the stores what nothing else stops.
#[tokio::test]
async fn no_hostile_text_anywhere_gets_more_than_a_no() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for request in each_hostile(&credentials("ada", PASSWORD)).iter().chain(&each_hostile(&start())) {
        let reply = scene.ask(request).await;
        assert!(DOCUMENTED.contains(&reply.status), "{request:?}: {reply:?}");
    }
}

/// ASVS 2.2.1, 3.4.1–3.4.6.
#[test]
fn no_event_gets_more_than_a_no() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let scene = runtime.block_on(async { Scene::new(Stores::without_redis().await, now()).await });
    whatever_is_asked(200, &["/login", "/login/{provider}"], |request| {
        let reply = runtime.block_on(scene.ask(&request));
        assert!(DOCUMENTED.contains(&reply.status), "{reply:?}");
    });
}
