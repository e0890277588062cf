//! `POST /password/reset/confirm`: the reader of the account's mail sets a password.

use crate::support::{EMAIL, NEW, PASSWORD, Scene, add, change, confirm};
use outbox::Matter;
use scene::{Browser, COOKIE, Fault, RedisFault, Stores, now, on_both_stores};
use serde_json::json;
use users::Challenge;

on_both_stores! {
    /// ASVS 6.4.3, 7.4.3.
    async fn a_confirmation_sets_the_password_and_ends_every_session(stores) {
        let scene = Scene::new(stores, now()).await;
        let (one, two) = (scene.browser().await, scene.browser().await);
        let reply = scene.ask(&confirm(&scene.mailed(EMAIL).await, NEW)).await;
        assert_eq!((reply.status, reply.cookies.len()), (204, 0), "{reply:?}");
        assert!(!scene.lives(&one.token).await && !scene.lives(&two.token).await);
        assert!(scene.opens(NEW).await && !scene.opens(PASSWORD).await);
    }

    /// Even another user's session: its cookie is removed, so it must not stay alive.
    async fn the_session_of_the_browser_ends_too(stores) {
        let scene = Scene::new(stores, now()).await;
        let eve = add(&scene.users(), "eve@example.com", Some(PASSWORD), scene.now).await;
        let browser = scene.browser_of(&eve).await;
        let request = browser.with_cookie(confirm(&scene.mailed(EMAIL).await, NEW));
        let reply = scene.ask(&request.header("x-csrf-token", &browser.token.csrf())).await;
        assert_eq!((reply.status, reply.cookie(COOKIE)), (204, Some("")));
        assert!(!scene.lives(&browser.token).await);
    }
}

#[tokio::test]
async fn the_owner_of_the_address_is_told() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    assert_eq!(scene.ask(&confirm(&scene.mailed(EMAIL).await, NEW)).await.status, 204);
    let [letter] = &scene.letters().await[..] else { panic!("one letter") };
    assert_eq!((&*letter.to, &letter.matter), (EMAIL, &Matter::PasswordChanged { at: scene.now }));
}

/// Even if a later step fails, the letter exists, and the repeat writes no second one.
#[tokio::test]
async fn a_reset_and_its_letter_happen_together() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (mail, browser) = (scene.mailed(EMAIL).await, scene.browser().await);
    let request = browser.with_cookie(confirm(&mail, NEW)).header("x-csrf-token", &browser.token.csrf());
    scene.stores.dynamo_proxy.break_all(Some("TransactWriteItems"), Fault::Fail);
    assert_eq!(scene.ask(&request).await.status, 503);
    assert!(scene.opens(PASSWORD).await && scene.letters().await.is_empty(), "nothing happened, nothing is told");
    scene.stores.dynamo_proxy.heal();
    scene.stores.redis_proxy.as_ref().unwrap().break_all(Some("SET"), RedisFault::Close);
    assert_eq!(scene.ask(&request).await.status, 503);
    assert!(scene.opens(NEW).await);
    assert_eq!(scene.letters().await.len(), 1);
    scene.stores.redis_proxy.as_ref().unwrap().heal();
    assert_eq!((scene.ask(&request).await.status, scene.letters().await.len()), (204, 1));
}

/// Strangers have guessed until sign-ins were blocked: the reader of the mail can sign in all the same.
#[tokio::test]
async fn the_owner_may_sign_in_at_once() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.browser().await;
    for status in [401, 401, 401, 401, 401, 429] {
        assert_eq!(scene.ask(&change(&browser, "another password", NEW)).await.status, status);
    }
    assert_eq!(scene.ask(&confirm(&scene.mailed(EMAIL).await, NEW)).await.status, 204);
    let reply = scene.ask(&change(&scene.browser().await, NEW, PASSWORD)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn an_account_without_a_password_gets_its_first_one() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    add(&scene.users(), "oidc@example.com", None, scene.now).await;
    let mail = scene.mailed("oidc@example.com").await;
    assert_eq!(scene.ask(&confirm(&mail, NEW)).await.status, 204);
    let (email, new) = (users::Email::parse("oidc@example.com").unwrap(), users::Password::parse(NEW).unwrap());
    assert!(scene.users().with_password(&email, &new, scene.now).await.is_ok());
}

/// ASVS 6.4.1, 6.5.1: once, for one purpose, for the user it was made for.
#[tokio::test]
async fn a_token_that_is_good_for_nothing_changes_nothing() {
    let mut scene = Scene::new(Stores::without_redis().await, now()).await;
    let used = scene.mailed(EMAIL).await;
    let outlived = scene.mailed(EMAIL).await;
    assert_eq!(scene.ask(&confirm(&used, NEW)).await.status, 204);
    let email = users::Email::parse("eve@example.com").unwrap();
    let asked = users::Registration { password_hash: String::new(), name: None, browser: None };
    let begun = scene.users().begin_registration(&email, asked, scene.now).await;
    let for_registration = begun.unwrap().unwrap();
    let disabled = add(&scene.users(), "disabled@example.com", Some(PASSWORD), scene.now).await;
    let of_the_disabled = scene.mailed("disabled@example.com").await;
    scene.stores.change("users", ("user_id", &disabled), |row| row["status"] = json!("disabled")).await;
    let expired = scene.mailed(EMAIL).await;
    for (what, mail) in [
        ("used", &used),
        ("from before a reset", &outlived),
        ("for something else", &for_registration),
        ("of a disabled account", &of_the_disabled),
    ] {
        let reply = scene.ask(&confirm(mail, PASSWORD)).await;
        assert_eq!((reply.status, &*reply.problem()), (400, "link-expired"), "{what}");
    }
    scene.pass(3600);
    assert_eq!(scene.ask(&confirm(&expired, PASSWORD)).await.problem(), "link-expired");
    assert!(scene.opens(NEW).await);
}

/// A refused password does not use up the link.
#[tokio::test]
async fn a_weak_password_spends_nothing() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let mail = scene.mailed(EMAIL).await;
    for weak in ["short", "password1234", "aaaaaaaaaaaaaaaa"] {
        assert_eq!(scene.ask(&confirm(&mail, weak)).await.status, 422, "{weak}");
    }
    assert_eq!(scene.ask(&confirm(&mail, NEW)).await.status, 204);
}

/// ASVS 6.2.11: the address that the mail went to. An invalid token has no address, and is refused as usual.
#[tokio::test]
async fn the_address_of_the_account_is_a_word_that_is_guessed() {
    const WORD: &str = "wq7.plomvertz-9k";
    let email = format!("{WORD}@example.com");
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    add(&scene.users(), &email, Some(PASSWORD), scene.now).await;
    let mail = scene.mailed(&email).await;
    let reply = scene.ask(&confirm(&mail, WORD)).await;
    assert_eq!((reply.status, &*reply.problem()), (422, "unusable-value"), "{reply:?}");
    let unknown = scene.ask(&confirm(&Challenge::generate().unwrap(), WORD)).await;
    assert_eq!((unknown.status, &*unknown.problem()), (400, "link-expired"));
    let unreadable = confirm(&mail, WORD).json(&json!({ "token": "x", "new_password": WORD }));
    assert_eq!(scene.ask(&unreadable).await.problem(), "link-expired");
    assert_eq!(scene.ask(&confirm(&mail, NEW)).await.status, 204, "the link is not spent");
}

#[tokio::test]
async fn the_repeat_of_a_confirmation_is_204() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (mail, browser) = (scene.mailed(EMAIL).await, scene.browser().await);
    let request = browser.with_cookie(confirm(&mail, NEW)).header("x-csrf-token", &browser.token.csrf());
    let first = scene.ask(&request).await;
    assert_eq!((first.status, first.cookie(COOKIE)), (204, Some("")));
    assert_eq!(scene.ask(&request).await, first);
    assert_eq!(scene.epoch().await, 1, "nothing is ended twice");
}

/// ASVS 14.2.1.
#[tokio::test]
async fn what_is_stored_opens_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (mail, Browser { token }) = (scene.mailed(EMAIL).await, scene.browser().await);
    let before = format!("{:?}", scene.stores.contents().await);
    scene.ask(&confirm(&mail, NEW)).await;
    let after = format!("{:?}", scene.stores.contents().await);
    for secret in [PASSWORD, NEW, &**token.expose(), &**mail.expose()] {
        assert!(!before.contains(secret) && !after.contains(secret), "{secret}");
    }
}
