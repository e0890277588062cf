use crate::support::{EMAIL, PASSWORD, Scene, credentials};
use scene::{HOSTILE, Stores, now};
use serde_json::json;

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
