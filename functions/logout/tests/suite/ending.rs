//! Which sessions are dead afterwards, and which are not. ASVS 7.4.1.

use crate::support::Scene;
use scene::{COOKIE, Stores, now, on_both_stores};

on_both_stores! {
    async fn one_session_ends_and_the_others_live(stores) {
        let scene = Scene::new(stores, now()).await;
        let (one, other) = (scene.browser().await, scene.browser().await);
        assert_eq!(scene.ask(&one.post("/logout")).await.status, 204);
        assert!(!scene.lives(&one.token).await);
        assert!(scene.lives(&other.token).await);
    }

    /// ASVS 7.4.1, 7.5.2.
    async fn every_session_of_the_user_ends_and_of_nobody_else(stores) {
        let scene = Scene::new(stores, now()).await;
        scene.stores.account("eve").await;
        let (one, two, eve) = (scene.browser().await, scene.browser().await, scene.browser_of("eve").await);
        assert_eq!(scene.ask(&one.post("/logout/all")).await.status, 204);
        assert!(!scene.lives(&one.token).await && !scene.lives(&two.token).await);
        assert!(scene.lives(&eve.token).await);
    }

    /// If an answer is lost, people and programs repeat the request.
    async fn a_repeated_logout_is_as_good_as_the_first(stores) {
        let scene = Scene::new(stores, now()).await;
        let browser = scene.browser().await;
        let first = scene.ask(&browser.post("/logout")).await;
        assert_eq!(scene.ask(&browser.post("/logout")).await, first);
        assert_eq!(first.cookie(COOKIE), Some(""));
    }

    /// The answer to the first may be lost, and the person must not be told that no user is signed in here.
    async fn a_repeated_sign_out_everywhere_is_as_good_as_the_first(stores) {
        let scene = Scene::new(stores, now()).await;
        let (one, other) = (scene.browser().await, scene.browser().await);
        let first = scene.ask(&one.post("/logout/all")).await;
        assert_eq!(first.cookie(COOKIE), Some(""));
        assert_eq!(scene.ask(&one.post("/logout/all")).await, first);
        assert_eq!(scene.ask(&other.post("/logout/all")).await, first, "it ended with the same");
        let later = scene.browser().await;
        assert_eq!(scene.ask(&one.post("/logout/all")).await, first);
        assert!(scene.lives(&later.token).await, "a repeat starts nothing");
    }

    /// The browser already holds another session's cookie, or is about to.
    async fn signing_out_of_a_session_that_was_replaced_clears_nothing(stores) {
        let scene = Scene::new(stores, now()).await;
        let before = scene.browser().await;
        let login = session::Login {
            account: scene.stores.stored_account("ada").await,
            auth_method: "password".to_owned(),
            client: Default::default(),
            presented: Some(&before.token),
        };
        let after = scene.sessions().create(login, scene.now).await.unwrap().0;
        let reply = scene.ask(&before.post("/logout")).await;
        assert_eq!((reply.status, reply.cookies.len(), reply.header("clear-site-data")), (204, 0, None));
        assert!(scene.lives(&after).await);
    }

    /// The family half of a refresh token has the form of a cookie.
    async fn the_half_of_a_refresh_token_ends_nothing(stores) {
        let scene = Scene::new(stores, now()).await;
        let login = session::Login {
            account: scene.stores.account("bob").await,
            auth_method: "password".to_owned(),
            client: Default::default(),
            presented: None,
        };
        let (phone, _) = scene.sessions().create_device(login, "Phone".to_owned(), scene.now).await.unwrap();
        let family = session::Token::parse(phone.expose().split_once('.').unwrap().0).unwrap();
        let browser = scene::Browser { token: family };
        assert_eq!(scene.ask(&browser.post("/logout/all")).await.status, 401);
        assert_eq!(scene.ask(&browser.post("/logout")).await.status, 204);
        let refreshed = scene.sessions().refresh(&phone, scene.now).await.unwrap();
        assert!(matches!(refreshed, session::Refresh::Granted { .. }), "{refreshed:?}");
    }
}

/// ASVS 14.3.1.
#[tokio::test]
async fn the_browser_is_told_to_forget_only_when_the_session_is_dead() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let denied = scene.ask(&browser.post("/logout").without("x-csrf-token")).await;
    assert_eq!(denied.cookies.len(), 0);
    let ended = scene.ask(&browser.post("/logout")).await;
    assert_eq!(ended.cookie(COOKIE), Some(""));
}
