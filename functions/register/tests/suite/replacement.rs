//! A verification begins a new session, whichever cookies the browser sends.

use crate::support::{EMAIL, Scene, proof, token};
use scene::{COOKIE, now, on_both_stores};
use session::{Slide, Token};

impl Scene {
    async fn lives(&self, token: &Token) -> bool {
        self.sessions().authenticate(token, Slide::No, self.now).await.unwrap().is_some()
    }
}

on_both_stores! {
    /// ASVS 7.2.4: even if it belongs to another user.
    async fn a_proof_replaces_the_session_that_the_browser_had(stores) {
        let scene = Scene::new(stores, now());
        let old = scene.browser("eve").await;
        let mail = scene.mailed(EMAIL).await;
        let reply = scene.ask(&old.with_cookie(proof(&mail)).header("x-csrf-token", &old.token.csrf())).await;
        assert_eq!(reply.status, 201);
        assert!(scene.lives(&token(&reply)).await && !scene.lives(&old.token).await);
    }

    /// ASVS 7.2.4: session fixation.
    async fn a_token_that_the_browser_brings_is_never_adopted(stores) {
        let scene = Scene::new(stores, now());
        let planted = Token::generate().unwrap();
        let reply = scene.ask(&proof(&scene.mailed(EMAIL).await).cookie(COOKIE, &planted.expose())).await;
        assert_eq!(reply.status, 201);
        assert!(token(&reply).id() != planted.id() && !scene.lives(&planted).await);
    }

    /// A page that was signed out elsewhere no longer knows the token.
    async fn a_dead_session_is_not_in_the_way_of_a_proof(stores) {
        let scene = Scene::new(stores, now());
        let old = scene.browser("eve").await;
        scene.sessions().revoke(&old.token, scene.now).await.unwrap();
        assert_eq!(scene.ask(&old.with_cookie(proof(&scene.mailed(EMAIL).await))).await.status, 201);
    }

    async fn a_proof_that_is_none_ends_no_session(stores) {
        let scene = Scene::new(stores, now());
        let old = scene.browser("eve").await;
        let request = old.with_cookie(proof(&users::Challenge::generate().unwrap()));
        assert_eq!(scene.ask(&request.header("x-csrf-token", &old.token.csrf())).await.status, 400);
        assert!(scene.lives(&old.token).await);
    }
}
