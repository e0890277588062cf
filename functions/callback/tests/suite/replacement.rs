//! A callback begins a new session, whichever cookies the browser sends.

use crate::support::{Scene, token};
use jiff::SignedDuration;
use scene::{Browser, COOKIE, Stores, now, on_both_stores};
use session::{Slide, Token};

on_both_stores! {
    /// ASVS 7.2.4.
    async fn a_login_replaces_the_session_that_the_browser_had(stores) {
        let scene = Scene::new(stores, now()).await;
        let old = token(&scene.log_in().await);
        let request = scene.visit().await.request().cookie(COOKIE, &old.expose());
        let reply = scene.ask(&request).await;
        let new = token(&reply);
        assert_ne!(new.id(), old.id());
        let lives = async |token: &Token| scene.sessions().authenticate(token, Slide::No, scene.now).await.unwrap().is_some();
        assert!(lives(&new).await);
        assert!(!lives(&old).await);
    }

    /// ASVS 7.2.4.
    async fn a_token_that_the_browser_brings_is_never_adopted(stores) {
        let scene = Scene::new(stores, now()).await;
        let planted = Token::generate().unwrap();
        let reply = scene.ask(&scene.visit().await.request().cookie(COOKIE, &planted.expose())).await;
        assert_ne!(token(&reply).id(), planted.id());
        assert!(scene.sessions().authenticate(&planted, Slide::No, scene.now).await.unwrap().is_none());
    }

    async fn beyond_the_cap_the_session_that_was_used_least_recently_ends(stores) {
        let scene = Scene::new(stores, now()).await;
        let user_id = scene.user_of(&scene.log_in().await).await;
        let earlier = scene.now - SignedDuration::from_mins(1);
        let oldest = Browser::sign_in(&scene.stores, &scene.sessions(), &user_id, earlier).await;
        for _ in 0..18 {
            Browser::sign_in(&scene.stores, &scene.sessions(), &user_id, scene.now).await;
        }
        scene.log_in().await;
        assert!(scene.sessions().authenticate(&oldest.token, Slide::No, scene.now).await.unwrap().is_none());
        assert_eq!(scene.sessions().list(&user_id, scene.now).await.unwrap().len(), 20);
    }

    /// ASVS 7.2.4: a login that fails changes nothing about who is signed in.
    async fn a_refused_login_ends_no_session(stores) {
        let scene = Scene::new(stores, now()).await;
        let old = token(&scene.log_in().await);
        let visit = scene.visit().await.without("code");
        let reply = scene.ask(&visit.request().cookie(COOKIE, &old.expose())).await;
        assert_eq!((reply.status, reply.cookie(COOKIE)), (400, None));
        assert!(scene.sessions().authenticate(&old, Slide::No, scene.now).await.unwrap().is_some());
    }
}

/// The session says how and when the user signed in; no stored value opens a session.
#[tokio::test]
async fn the_session_knows_its_provider_and_no_store_knows_a_secret() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let visit = scene.visit().await;
    let reply = scene.ask(&visit.request()).await;
    let token = token(&reply);
    let session = scene.sessions().authenticate(&token, Slide::No, scene.now).await.unwrap().unwrap();
    // As the provider sends it: in whole seconds.
    let asked_at = jiff::Timestamp::from_second(scene.now.as_second()).unwrap();
    assert_eq!((&*session.record.auth_method, session.record.auth_time), ("oidc:acme", asked_at));
    let stored = format!("{:?}", scene.stores.contents().await);
    let secrets =
        [token.expose().to_string(), token.csrf(), visit.attempt.state, visit.attempt.nonce, visit.attempt.verifier];
    for secret in secrets.iter().chain(&scene.provider.secrets()) {
        assert!(!stored.contains(secret.as_str()), "{secret}");
    }
}
