//! What is left after a way in was removed.

use crate::support::{EMAIL, LIST, Scene, removal, somebody};
use futures_util::join;
use scene::{Stores, now, on_both_stores};
use session::Slide;
use users::Joined;

on_both_stores! {
    /// ASVS 8.2.2.
    async fn another_users_way_in_stays(stores) {
        let scene = Scene::new(stores, now()).await;
        let bob = scene.add("bob@example.com").await;
        scene.link(&bob, "bob").await;
        let id = scene.id_of(&bob, "bob@id.example").await;
        assert_eq!(scene.ask(&removal(&scene.browser().await, &id)).await.status, 404);
        assert_eq!(scene.ask(&removal(&scene.browser_of(&bob).await, &id)).await.status, 204);
    }

    async fn nobody_comes_in_by_it_and_who_is_in_stays(stores) {
        let scene = Scene::new(stores, now()).await;
        let (browser, other) = (scene.browser().await, scene.browser().await);
        assert_eq!(scene.ask(&removal(&browser, &scene.linked().await)).await.status, 204);
        let entrant = scene.users.with_identity(&somebody("ada"), |_| unreachable!("nobody is joined"), scene.now).await.unwrap();
        assert_eq!(entrant.joined, Joined::Created, "somebody else now");
        for token in [&browser.token, &other.token] {
            assert!(scene.sessions().authenticate(token, Slide::No, scene.now).await.unwrap().is_some());
        }
        let listed = scene.ask(&browser.get(LIST)).await.json();
        assert_eq!(listed["identities"].as_array().map(Vec::len), Some(1));
    }
}

/// Its owner signs in with the address that it vouches for, which is the account's: this must not bring it back.
#[tokio::test]
async fn what_was_taken_away_does_not_come_back_by_the_address() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let id = scene.linked().await;
    assert_eq!(scene.ask(&removal(&scene.browser().await, &id)).await.status, 204);
    let who = users::Federated { email: Some(EMAIL.to_owned()), ..somebody("ada") };
    let entered = scene.users.with_identity(&who, |_| unreachable!("nobody is joined"), scene.now).await;
    assert!(matches!(entered, Err(users::Error::Taken)), "{entered:?}");
}

/// ASVS 15.4.1–15.4.3: two tabs, two ways in, one has to stay.
#[tokio::test]
async fn the_last_two_ways_in_cannot_go_together() {
    let scene = Scene::new(Stores::start().await, now()).await;
    scene.without_password().await;
    scene.link(&scene.user_id, "other").await;
    let browser = scene.browser().await;
    let ids = (scene.linked().await, scene.id_of(&scene.user_id, "other@id.example").await);
    let requests = (removal(&browser, &ids.0), removal(&browser, &ids.1));
    let (one, two) = join!(scene.ask(&requests.0), scene.ask(&requests.1));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
}

/// If Redis lost a tombstone, the hot copy may live on: the row decides what its holder may remove.
#[tokio::test]
async fn a_session_that_redis_only_thinks_alive_takes_nothing_away() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (browser, way) = (scene.browser().await, scene.linked().await);
    let (id, copy) = (browser.token.id(), scene.stores.copy(&browser.token.id()).await.unwrap());
    scene.sessions().revoke(&browser.token, scene.now).await.unwrap();
    scene.stores.put_copy(&id, &copy).await;
    assert_eq!(scene.ask(&browser.get(LIST)).await.status, 200, "Redis serves it");
    assert_eq!(scene.ask(&removal(&browser, &way)).await.status, 401);
    assert_eq!(scene.users.ways(&scene.user_id).await.unwrap().len(), 2);
}
