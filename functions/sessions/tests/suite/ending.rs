use crate::support::{ALL, Scene, end, end_others, phone};
use scene::{Browser, Stores, now, on_both_stores};
use session::{Login, Refresh};

on_both_stores! {
    /// ASVS 7.5.2.
    async fn a_user_sees_every_session_and_ends_any_of_them(stores) {
        let scene = Scene::new(stores, now()).await;
        let (browser, other, phone) = (scene.browser_of("ada").await, scene.browser_of("ada").await, phone(&scene).await);
        let list = scene.ask(&browser.get(ALL)).await.json();
        let ids: Vec<_> = list["sessions"].as_array().unwrap().iter().map(|session| session["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 3);
        for id in [other.token.id(), phone.id()] {
            assert!(ids.contains(&id.as_str()));
            assert_eq!(scene.ask(&end(&browser, id.as_str())).await.status, 204);
        }
        assert!(!scene.lives(&other.token).await);
        assert!(matches!(scene.sessions().refresh(&phone, scene.now).await.unwrap(), Refresh::SignedOut));
        assert!(scene.lives(&browser.token).await);
        assert_eq!(scene.ask(&browser.get(ALL)).await.json()["sessions"].as_array().unwrap().len(), 1);
    }

    async fn all_others_end_and_this_one_stays(stores) {
        let scene = Scene::new(stores, now()).await;
        let (browser, other, phone) = (scene.browser_of("ada").await, scene.browser_of("ada").await, phone(&scene).await);
        let bobs = scene.browser_of("bob").await;
        assert_eq!(scene.ask(&end_others(&browser)).await.status, 204);
        assert!(!scene.lives(&other.token).await);
        assert!(matches!(scene.sessions().refresh(&phone, scene.now).await.unwrap(), Refresh::SignedOut));
        assert!(scene.lives(&browser.token).await && scene.lives(&bobs.token).await);
    }

    /// ASVS 8.2.2.
    async fn nobody_ends_another_users_session(stores) {
        let scene = Scene::new(stores, now()).await;
        let (browser, bobs) = (scene.browser_of("ada").await, scene.browser_of("bob").await);
        assert_eq!(scene.ask(&end(&browser, bobs.token.id().as_str())).await.status, 404);
        assert!(scene.lives(&bobs.token).await);
    }

    /// ASVS 7.5.1: to the second; and a new sign-in of the same user solves it.
    async fn ending_needs_a_sign_in_of_the_last_15_minutes(stores) {
        let mut scene = Scene::new(stores, now()).await;
        let (old, other) = (scene.browser_of("ada").await, scene.browser_of("ada").await);
        scene.pass(15 * 60 - 1);
        assert_eq!(scene.ask(&end(&old, other.token.id().as_str())).await.status, 204);
        scene.pass(1);
        for request in [end(&old, other.token.id().as_str()), end_others(&old)] {
            assert_eq!(scene.ask(&request).await.problem(), "reauthenticate");
        }
        assert_eq!(scene.ask(&old.get(ALL)).await.status, 200, "looking is free");
        let account = scene.stores.stored_account("ada").await;
        let login = Login { account, auth_method: "password".to_owned(), client: Default::default(), presented: Some(&old.token) };
        let again = Browser { token: scene.sessions().create(login, scene.now).await.unwrap().0 };
        assert_eq!(scene.ask(&end_others(&again)).await.status, 204);
    }

    /// Signing out never requires a recent sign-in, and a repeat is no error.
    async fn the_own_session_ends_as_by_signing_out(stores) {
        let mut scene = Scene::new(stores, now()).await;
        let browser = scene.browser_of("ada").await;
        scene.pass(3600);
        for _ in 0..2 {
            assert_eq!(scene.ask(&end(&browser, browser.token.id().as_str())).await.status, 204);
            assert!(!scene.lives(&browser.token).await);
        }
    }
}

/// If Redis lost a tombstone, the hot copy may live on: the row decides what its holder may end.
#[tokio::test]
async fn a_session_that_redis_only_thinks_alive_ends_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, other) = (scene.browser_of("ada").await, scene.browser_of("ada").await);
    let (id, copy) = (browser.token.id(), scene.stores.copy(&browser.token.id()).await.unwrap());
    scene.sessions().revoke(&browser.token, scene.now).await.unwrap();
    scene.stores.put_copy(&id, &copy).await;
    assert_eq!(scene.ask(&browser.get(ALL)).await.status, 200, "Redis serves it");
    for request in [end(&browser, other.token.id().as_str()), end_others(&browser)] {
        assert_eq!(scene.ask(&request).await.status, 401);
    }
    assert!(scene.lives(&other.token).await);
}
