use crate::support::{CHANGE, CONFIRM, EMAIL, NEW, PASSWORD, RESET, Scene, change, confirm, forgotten};
use scene::{HOSTILE, Request, Stores, now};
use serde_json::{Value, json};

/// ASVS 1.2.4, 1.5.3, 2.2.1.
#[tokio::test]
async fn no_hostile_text_sets_a_password_or_comes_back() {
    for text in HOSTILE {
        let scene = Scene::new(Stores::without_redis().await, now()).await;
        let browser = scene.browser().await;
        for request in [
            change(&browser, text, NEW),
            forgotten(text),
            forgotten(&format!("{text}@example.com")),
            Request::post(CONFIRM).json(&json!({ "token": text, "new_password": NEW })),
        ] {
            let reply = scene.ask(&request).await;
            assert!([202, 400, 401, 422].contains(&reply.status), "{request:?}: {reply:?}");
            let told = text.len() > 4 && text.is_ascii() && reply.body.contains(text);
            assert!(!told || "null undefined".contains(text), "{reply:?}");
        }
        assert!(scene.opens(PASSWORD).await, "{text:?}");
    }
}

/// ASVS 6.2.5, 6.2.8: a password is text and nothing else. It is taken as it is, or not at all.
#[tokio::test]
async fn a_hostile_text_may_be_a_password() {
    for text in HOSTILE {
        let scene = Scene::new(Stores::without_redis().await, now()).await;
        let changed = scene.ask(&change(&scene.browser().await, PASSWORD, text)).await;
        assert!([200, 422].contains(&changed.status), "{text:?}: {changed:?}");
        let taken = changed.status == 200;
        assert_eq!(scene.opens(PASSWORD).await, !taken, "{text:?}");
        assert!(!taken || scene.opens(text).await, "{text:?}");
        let reset = scene.ask(&confirm(&scene.mailed(EMAIL).await, text)).await;
        assert!([204, 422].contains(&reset.status), "{text:?}: {reset:?}");
        assert!(reset.status == 422 || scene.opens(text).await, "{text:?}");
    }
}

/// ASVS 2.2.1, 15.3.3.
#[tokio::test]
async fn members_are_strings_there_once_and_no_others() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.browser().await;
    let refused = async |request: Request, body: Value| {
        assert_eq!(scene.ask(&request.json(&body)).await.problem(), "bad-request", "{body}");
    };
    for odd in [json!(null), json!(1), json!(true), json!([]), json!({}), json!([PASSWORD]), json!({ "ne": "" })] {
        for body in [
            json!({ "current_password": odd, "new_password": NEW }),
            json!({ "current_password": PASSWORD, "new_password": odd }),
            json!({ "current_password": PASSWORD, "new_password": NEW, "user_id": odd }),
            odd.clone(),
        ] {
            refused(browser.post(CHANGE), body).await;
        }
        for body in [json!({ "email": odd }), json!({ "email": EMAIL, "to": odd })] {
            refused(Request::post(RESET), body).await;
        }
        for body in [
            json!({ "token": odd, "new_password": NEW }),
            json!({ "token": "x", "new_password": odd }),
            json!({ "token": "x", "new_password": NEW, "user_id": odd }),
        ] {
            refused(Request::post(CONFIRM), body).await;
        }
    }
    let twice = r#"{"email":"nobody@example.com","email":"ada@example.com"}"#;
    assert_eq!(scene.ask(&forgotten(EMAIL).text(twice)).await.problem(), "bad-request");
    assert!(scene.letters().await.is_empty());
}
