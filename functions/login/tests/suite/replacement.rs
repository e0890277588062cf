//! A login begins a new session, whichever cookies the browser sends.

use crate::support::{EMAIL, PASSWORD, Scene, add, credentials, token};
use jiff::SignedDuration;
use scene::{Browser, COOKIE, Stores, now, on_both_stores};
use session::{Slide, Token};

impl Scene {
    async fn lives(&self, token: &Token) -> bool {
        self.sessions().authenticate(token, Slide::No, self.now).await.unwrap().is_some()
    }
}

on_both_stores! {
    /// ASVS 7.2.4: against session fixation, and so that no session stays behind.
    async fn a_login_replaces_the_session_that_the_browser_had(stores) {
        let scene = Scene::new(stores, now()).await;
        let old = scene.sign_in().await;
        let request = old.with_cookie(credentials(EMAIL, PASSWORD)).header("x-csrf-token", &old.token.csrf());
        let reply = scene.ask(&request).await;
        assert_eq!(reply.status, 200);
        let new = token(&reply);
        assert_ne!(new.id(), old.token.id());
        assert!(scene.lives(&new).await);
        assert!(!scene.lives(&old.token).await);
        assert_eq!(reply.json()["csrf_token"], new.csrf());
    }

    /// ASVS 7.2.4: even if it belongs to another user.
    async fn a_login_ends_the_session_of_whoever_was_signed_in_before(stores) {
        let scene = Scene::new(stores, now()).await;
        add(&scene.users(), "eve@example.com", Some(PASSWORD), scene.now).await;
        let ada = scene.sign_in().await;
        let request = ada.with_cookie(credentials("eve@example.com", PASSWORD)).header("x-csrf-token", &ada.token.csrf());
        let reply = scene.ask(&request).await;
        assert_eq!((reply.status, &reply.json()["user"]["email"]), (200, &"eve@example.com".into()));
        assert!(!scene.lives(&ada.token).await);
    }

    /// ASVS 7.2.4: a planted token is never adopted, and the person it was planted on can still sign in.
    async fn a_token_that_the_browser_brings_is_never_adopted(stores) {
        let scene = Scene::new(stores, now()).await;
        let planted = Token::generate().unwrap();
        let reply = scene.ask(&credentials(EMAIL, PASSWORD).cookie(COOKIE, &planted.expose())).await;
        assert_eq!(reply.status, 200);
        assert_ne!(token(&reply).id(), planted.id());
        assert!(!scene.lives(&planted).await);
    }

    async fn another_device_stays_signed_in(stores) {
        let scene = Scene::new(stores, now()).await;
        let (one, two) = (scene.sign_in().await, scene.sign_in().await);
        assert_ne!(one.token.id(), two.token.id());
        assert!(scene.lives(&one.token).await && scene.lives(&two.token).await);
    }

    /// A page that was signed out elsewhere no longer knows the token.
    async fn a_dead_session_is_not_in_the_way_of_a_login(stores) {
        let scene = Scene::new(stores, now()).await;
        let old = scene.sign_in().await;
        scene.sessions().revoke(&old.token, scene.now).await.unwrap();
        assert_eq!(scene.ask(&old.with_cookie(credentials(EMAIL, PASSWORD))).await.status, 200);
    }

    async fn beyond_the_cap_the_session_that_was_used_least_recently_ends(stores) {
        let mut scene = Scene::new(stores, now()).await;
        let (used, unused) = (scene.sign_in().await, scene.sign_in().await);
        scene.now += SignedDuration::from_mins(6);
        assert!(scene.sessions().prove(&used.token, Slide::Yes, scene.now).await.unwrap().unwrap().renewed);
        for _ in 0..19 {
            scene.sign_in().await;
        }
        assert!(scene.lives(&used.token).await && !scene.lives(&unused.token).await);
    }

    async fn a_wrong_password_ends_no_session(stores) {
        let scene = Scene::new(stores, now()).await;
        let old = scene.sign_in().await;
        let request = old.with_cookie(credentials(EMAIL, "wrong password")).header("x-csrf-token", &old.token.csrf());
        assert_eq!(scene.ask(&request).await.status, 401);
        assert!(scene.lives(&old.token).await);
    }
}

/// ASVS 3.3.5, 3.3.4: the cookie lives as long as the session, and no stored value holds its secret.
#[tokio::test]
async fn the_cookie_lasts_as_long_as_the_session_is_idle() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let reply = scene.ask(&credentials(EMAIL, PASSWORD)).await;
    let Browser { token } = Browser { token: token(&reply) };
    let secret = token.expose();
    let cookie = format!("{COOKIE}={}; HttpOnly; SameSite=None; Secure; Path=/; Max-Age=43200", *secret);
    assert_eq!((&reply.cookies[0], reply.cookies.len()), (&cookie, 2), "and the one by which the browser is known");
    let kept = reply.cookie("__Host-browser").unwrap();
    let stored = format!("{:?}", scene.stores.contents().await);
    assert!(stored.contains(token.id().as_str()));
    for secret in [kept, &**secret, &*token.csrf(), PASSWORD] {
        assert!(!stored.contains(secret), "{secret}");
    }
}
