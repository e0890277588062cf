//! Every answer that the contract documents, whole.

use crate::support::{EMAIL, LIST, Scene, removal, somebody};
use insta::assert_snapshot;
use scene::COOKIE;

#[tokio::test]
async fn the_ways_in_are_200() {
    let mut scene = Scene::fixed().await;
    let browser = scene.browser().await;
    scene.pass(1);
    let entered = scene.users.with_identity(&somebody("ada"), |_| unreachable!("nobody is joined"), scene.now).await;
    scene.users.note_entry(&entered.unwrap(), scene.now).await;
    assert_snapshot!(scene.ask(&browser.get(LIST)).await);
}

#[tokio::test]
async fn an_address_without_a_password_is_one_of_them() {
    let scene = Scene::fixed().await;
    scene.without_password().await;
    assert_snapshot!(scene.ask(&scene.browser().await.get(LIST)).await);
}

#[tokio::test]
async fn a_session_that_slides_is_200_or_204_with_the_cookie() {
    let mut scene = Scene::fixed().await;
    let (one, other) = (scene.browser().await, scene.browser().await);
    scene.pass(300);
    let listed = scene.ask(&one.get(LIST)).await;
    assert_eq!((listed.status, listed.cookie(COOKIE)), (200, Some(&**one.token.expose())));
    assert_snapshot!(scene.ask(&removal(&other, &scene.linked().await)).await);
}

#[tokio::test]
async fn a_way_that_is_taken_away_is_204() {
    let scene = Scene::fixed().await;
    assert_snapshot!(scene.ask(&removal(&scene.browser().await, &scene.linked().await)).await);
}

/// Another's, unknown and gone are one answer.
#[tokio::test]
async fn a_way_that_the_caller_does_not_have_is_404() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    let unknown = scene.ask(&removal(&browser, "unknown")).await;
    assert_snapshot!(unknown);
    let other = scene.add("bob@example.com").await;
    assert_eq!(scene.ask(&removal(&browser, &scene.id_of(&other, "bob@example.com").await)).await, unknown);
    let id = scene.linked().await;
    assert_eq!(scene.ask(&removal(&browser, &id)).await.status, 204);
    assert_eq!(scene.ask(&removal(&browser, &id)).await, unknown);
}

#[tokio::test]
async fn the_address_and_the_last_way_in_are_409() {
    let scene = Scene::fixed().await;
    let browser = scene.browser().await;
    let address = scene.ask(&removal(&browser, &scene.id_of(&scene.user_id, EMAIL).await)).await;
    assert_snapshot!(address);
    scene.without_password().await;
    assert_eq!(scene.ask(&removal(&browser, &scene.linked().await)).await, address);
}
