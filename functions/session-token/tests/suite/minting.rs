use crate::support::{ROUTE, fixed, scene};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use scene::{Browser, PUBLIC_URL, Reply, Stores, now, on_both_stores};
use serde_json::{Value, json};

/// Header and claims of the token in an answer.
fn token(reply: &Reply) -> [Value; 2] {
    let body = reply.json();
    let token = body["token"].as_str().expect("a token");
    let mut parts = token.split('.');
    [(); 2].map(|()| serde_json::from_slice(&BASE64URL.decode(parts.next().unwrap()).unwrap()).unwrap())
}

on_both_stores! {
    /// RFC 9068; ASVS 9.2.1, 9.2.3: it names its user, its audience and its lifetime.
    async fn a_token_speaks_for_the_session(stores) {
        let scene = scene(stores, now()).await;
        let browser = scene.browser().await;
        let reply = scene.ask(&browser.post(ROUTE)).await;
        assert_eq!((&reply.json()["token_type"], &reply.json()["expires_in"]), (&json!("Bearer"), &json!(300)));
        let [header, mut claims] = token(&reply);
        assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("at+jwt")));
        assert!(header["kid"].is_string() && claims["jti"].is_string());
        claims.as_object_mut().unwrap().remove("jti");
        let now = scene.now.as_second();
        let expected = json!({
            "iss": PUBLIC_URL, "sub": "ada", "aud": "api", "client_id": "browser", "iat": now - 5,
            "exp": now + 300, "sid": browser.token.id().as_str(), "scope": "read", "auth_time": now - 5,
        });
        assert_eq!(claims, expected);
    }

    /// ASVS 9.2.3, 9.2.4.
    async fn the_audience_is_one_of_ours(stores) {
        let scene = scene(stores, now()).await;
        let browser = scene.browser().await;
        let ask = async |body: Value| scene.ask(&browser.post(ROUTE).json(&body)).await;
        for (body, audience) in [
            (json!({}), "api"),
            (json!({ "audience": null }), "api"),
            (json!({ "audience": "api" }), "api"),
            (json!({ "audience": "reports" }), "reports"),
        ] {
            assert_eq!(token(&ask(body).await)[1]["aud"], audience);
        }
        for foreign in ["", "API", "api,reports", "api ", "billing", "https://evil.example"] {
            let reply = ask(json!({ "audience": foreign })).await;
            assert_eq!((reply.status, &*reply.problem()), (422, "unusable-value"), "{foreign}");
            assert!(foreign.is_empty() || !reply.body.contains("evil"), "{reply:?}");
        }
    }
}

#[tokio::test]
async fn a_token_does_not_outlive_its_session() {
    let mut scene = fixed().await;
    let browser = scene.browser().await;
    for _ in 0..15 {
        scene.pass(11 * 3600);
        assert_eq!(scene.ask(&browser.post(ROUTE)).await.status, 200);
    }
    scene.pass(3 * 3600 - 100);
    let reply = scene.ask(&browser.post(ROUTE)).await;
    assert_eq!(reply.json()["expires_in"], 100);
    assert_eq!(token(&reply)[1]["exp"], scene.now.as_second() + 100);
}

/// ASVS 7.4.1: an ended session gets no more tokens.
#[tokio::test]
async fn a_dead_session_mints_nothing_and_makes_no_key() {
    let scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    scene.sessions().revoke(&browser.token, scene.now).await.unwrap();
    assert_eq!(scene.ask(&browser.post(ROUTE)).await.status, 401);
    assert_eq!(scene.stores.contents().await["test-signing_keys"], json!([]));
}

/// A JWT outlives Redis's knowledge: if a tombstone was lost in a failover or by eviction, no token is issued.
#[tokio::test]
async fn a_session_whose_tombstone_redis_has_lost_mints_nothing() {
    let scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let (id, copy) = (browser.token.id(), scene.stores.copy(&browser.token.id()).await.unwrap());
    scene.sessions().revoke(&browser.token, scene.now).await.unwrap();
    scene.stores.put_copy(&id, &copy).await;
    assert_eq!(scene.ask(&browser.post(ROUTE)).await.status, 401);
    assert_eq!(scene.stores.copy(&id).await.as_deref(), Some(&b"!"[..]), "and the copy is gone");
}

/// One read, whatever Redis holds.
#[tokio::test]
async fn whether_a_session_lives_is_one_read_of_its_row() {
    let scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let reads = scene.stores.dynamo_proxy.calls_of("GetItem");
    assert_eq!(scene.ask(&browser.post(ROUTE)).await.status, 200);
    assert_eq!(scene.stores.dynamo_proxy.calls_of("GetItem") - reads, 1);
}

/// The family half of a refresh token has the form of a cookie.
#[tokio::test]
async fn the_half_of_a_refresh_token_mints_nothing() {
    let scene = scene(Stores::start().await, now()).await;
    let login = session::Login {
        account: scene.stores.stored_account("ada").await,
        auth_method: "password".to_owned(),
        client: Default::default(),
        presented: None,
    };
    let (phone, _) = scene.sessions().create_device(login, "Phone".to_owned(), scene.now).await.unwrap();
    let family = session::Token::parse(phone.expose().split_once('.').unwrap().0).unwrap();
    assert_eq!(scene.ask(&Browser { token: family }.post(ROUTE)).await.status, 401);
}

/// RFC 6749 section 5.1: only the caller may have it.
#[tokio::test]
async fn every_token_is_new_and_is_not_stored() {
    let scene = scene(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let (one, two) = (scene.ask(&browser.post(ROUTE)).await, scene.ask(&browser.post(ROUTE)).await);
    assert_ne!(token(&one)[1]["jti"], token(&two)[1]["jti"]);
    let stored = format!("{:?}", scene.stores.contents().await);
    let jti = token(&one)[1]["jti"].as_str().unwrap().to_owned();
    assert!(!stored.contains(&jti) && !stored.contains(one.json()["token"].as_str().unwrap()));
}
