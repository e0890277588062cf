use crate::support::{EMAIL, PASSWORD, REGISTER, Scene, VERIFY, wanted};
use scene::{HOSTILE, Request, Stores, now};
use serde_json::json;

/// ASVS 1.2.4, 1.5.3, 2.2.1: nothing of it makes an account or comes back.
#[tokio::test]
async fn no_hostile_text_makes_an_account_or_comes_back() {
    for text in HOSTILE {
        let scene = Scene::new(Stores::without_redis().await, now());
        let named = json!({ "email": EMAIL, "password": PASSWORD, "name": text });
        for request in [
            wanted(text, PASSWORD),
            wanted(&format!("{text}@example.com"), PASSWORD),
            wanted(EMAIL, text),
            Request::post(REGISTER).json(&named),
            Request::post(VERIFY).json(&json!({ "token": text })),
        ] {
            let reply = scene.ask(&request).await;
            assert!([202, 400, 422].contains(&reply.status), "{request:?}: {reply:?}");
            let told = text.len() > 4 && text.is_ascii() && reply.body.contains(text);
            assert!(!told || "null undefined".contains(text), "{reply:?}");
        }
        assert_eq!((scene.count("users").await, scene.count("challenges").await), (0, 0), "{text:?}");
    }
}

/// ASVS 2.2.1, 15.3.3.
#[tokio::test]
async fn members_are_strings_there_once_and_no_others() {
    let scene = Scene::new(Stores::without_redis().await, now());
    for odd in [json!(1), json!(true), json!([]), json!({}), json!([EMAIL]), json!({ "ne": "" })] {
        for body in [
            json!({ "email": odd, "password": PASSWORD }),
            json!({ "email": EMAIL, "password": odd }),
            json!({ "email": EMAIL, "password": PASSWORD, "name": odd }),
            json!({ "email": EMAIL, "password": PASSWORD, "scopes": odd }),
            json!({ "email": EMAIL, "password": PASSWORD, "user_id": odd }),
            odd.clone(),
        ] {
            assert_eq!(scene.ask(&Request::post(REGISTER).json(&body)).await.problem(), "bad-request", "{body}");
        }
        let with_password = json!({ "token": "x", "password": odd });
        for body in [json!({ "token": odd }), json!({ "token": "x", "email": odd }), with_password, odd] {
            assert_eq!(scene.ask(&Request::post(VERIFY).json(&body)).await.problem(), "bad-request", "{body}");
        }
    }
    let twice = r#"{"token":"a","token":"b"}"#;
    assert_eq!(scene.ask(&Request::post(VERIFY).json(&json!({})).text(twice)).await.problem(), "bad-request");
}
