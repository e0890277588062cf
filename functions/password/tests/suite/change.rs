//! `POST /password`: a signed-in user who knows the password replaces it.

use crate::support::{EMAIL, NEW, PASSWORD, Scene, add, change, token};
use outbox::{Locale, Matter};
use scene::{Fault, Stores, now, on_both_stores};
use serde_json::json;

on_both_stores! {
    /// ASVS 6.2.2, 6.2.3, 7.4.3.
    async fn a_change_ends_every_session_and_begins_a_new_one(stores) {
        let scene = Scene::new(stores, now()).await;
        let (here, there) = (scene.browser().await, scene.browser().await);
        let reply = scene.ask(&change(&here, PASSWORD, NEW)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let new = token(&reply);
        assert!(scene.lives(&new).await && !scene.lives(&here.token).await && !scene.lives(&there.token).await);
        assert_eq!(reply.json()["csrf_token"], new.csrf());
        assert!(scene.opens(NEW).await && !scene.opens(PASSWORD).await);
    }
}

#[tokio::test]
async fn the_owner_of_the_address_is_told() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let request = change(&scene.browser().await, PASSWORD, NEW).header("accept-language", "pt");
    assert_eq!(scene.ask(&request).await.status, 200);
    let [letter] = &scene.letters().await[..] else { panic!("one letter") };
    let told = (&*letter.to, letter.locale, &letter.matter);
    assert_eq!(told, (EMAIL, Locale::Pt, &Matter::PasswordChanged { at: scene.now }));
}

#[tokio::test]
async fn whoever_does_not_know_the_password_changes_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let oidc = add(&scene.users(), "oidc@example.com", None, scene.now).await;
    for browser in [scene.browser().await, scene.browser_of(&oidc).await] {
        let reply = scene.ask(&change(&browser, "another password", NEW)).await;
        assert_eq!((reply.status, &*reply.problem(), reply.cookies.len()), (401, "invalid-credentials", 0));
        assert!(scene.lives(&browser.token).await);
    }
    assert!(scene.opens(PASSWORD).await && scene.letters().await.is_empty());
}

/// ASVS 6.2.4, 6.2.11, 6.2.12: the user's own address and name are easily guessed words.
#[tokio::test]
async fn a_weak_password_is_refused_and_is_no_guess() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let browser = scene.browser().await;
    for weak in ["n0t-12,long", "password1234", "ada@example.com", "example.com ada", "qwertyuiop12"] {
        let reply = scene.ask(&change(&browser, PASSWORD, weak)).await;
        assert_eq!((reply.status, &*reply.problem()), (422, "unusable-value"), "{weak}");
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with("new_password: ") && !detail.contains(weak), "{detail}");
    }
    assert_eq!(scene.count("throttle").await, 1, "the address's judgements");
    assert!(scene.opens(PASSWORD).await);
}

/// The answer was lost: the browser still has the cookie of the session that the first try ended, and the page repeats
/// the request.
#[tokio::test]
async fn the_repeat_of_a_change_begins_the_session_that_the_first_one_lost() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let request = change(&browser, PASSWORD, NEW);
    assert_eq!(scene.ask(&request).await.status, 200);
    assert!(!scene.lives(&browser.token).await);
    let repeat = scene.ask(&request).await;
    assert_eq!(repeat.status, 200, "{repeat:?}");
    assert!(scene.lives(&token(&repeat)).await);
    assert_eq!(scene.epoch().await, 1, "nothing is ended twice");
}

/// A cookie that was discarded long ago signs no user in, even with the right password.
#[tokio::test]
async fn a_repeat_counts_for_ten_minutes() {
    for (seconds, status) in [(599, 200), (600, 401), (30 * 24 * 3600, 401)] {
        let mut scene = Scene::new(Stores::start().await, now()).await;
        let request = change(&scene.browser().await, PASSWORD, NEW);
        assert_eq!(scene.ask(&request).await.status, 200);
        scene.pass(seconds);
        let sessions = scene.count("sessions").await;
        let repeat = scene.ask(&request).await;
        assert_eq!(repeat.status, status, "{seconds}: {repeat:?}");
        assert_eq!(scene.count("sessions").await - sessions, usize::from(status == 200));
    }
}

/// A repeat also gives an ordinary session.
#[tokio::test]
async fn the_session_of_a_change_is_told_if_it_comes_from_a_new_place() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let request = change(&scene.browser().await, PASSWORD, NEW);
    for (from, told) in [("203.0.113.7", 1), ("203.0.113.7", 1), ("198.51.100.1", 2)] {
        assert_eq!(scene.ask(&request.clone().source_ip(from)).await.status, 200);
        assert_eq!(scene.notices().await, told, "{from}");
    }
}

/// The browser that changed the password is recognized under the new epoch.
#[tokio::test]
async fn a_change_marks_its_browser() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let reply = scene.ask(&change(&scene.browser().await, PASSWORD, NEW)).await;
    let kept = reply.cookie("__Host-browser").unwrap().to_owned();
    assert_eq!(kept.len(), 43);
    let session = token(&reply).id();
    let row = scene.stores.row("sessions", ("session_id", session.as_str())).await.unwrap();
    assert_eq!((row["browser"].as_str().map(str::len), row["epoch"].as_u64()), (Some(43), Some(1)));
}

/// A dead session may finish a change, but never start one.
#[tokio::test]
async fn a_session_that_a_change_ended_changes_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let old = scene.browser().await;
    assert_eq!(scene.ask(&change(&old, PASSWORD, NEW)).await.status, 200);
    let third = "marble;thunder:pickaxe 77";
    for (current, new) in [(NEW, third), (PASSWORD, third), (third, PASSWORD)] {
        let reply = scene.ask(&change(&old, current, new)).await;
        assert_eq!((reply.status, &*reply.problem()), (401, "signed-out"));
    }
    assert!(scene.opens(NEW).await);
    assert_eq!(scene.epoch().await, 1);
}

/// A session that ended for another reason stays ended.
#[tokio::test]
async fn a_session_that_ended_otherwise_is_signed_out() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (old, other) = (scene.browser().await, scene.browser().await);
    scene.sessions().revoke_all(&other.token, scene.now).await.unwrap();
    assert_eq!(scene.ask(&change(&old, PASSWORD, NEW)).await.problem(), "signed-out");
}

/// An answer that says all other sessions ended must not be given when none did. Composed or not, it is the same
/// password.
#[tokio::test]
async fn a_password_that_is_the_same_is_refused_and_ends_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (here, there) = (scene.browser().await, scene.browser().await);
    for (current, new) in [(PASSWORD, PASSWORD), (NEW, NEW), ("caf\u{e9} velvet anchor", "cafe\u{301} velvet anchor")] {
        let reply = scene.ask(&change(&here, current, new)).await;
        assert_eq!((reply.status, &*reply.problem()), (422, "unusable-value"), "{reply:?}");
        assert_eq!(reply.json()["detail"], "new_password: is the current one");
    }
    assert!(scene.lives(&here.token).await && scene.lives(&there.token).await && scene.letters().await.is_empty());
    assert_eq!((scene.epoch().await, scene.count("throttle").await), (0, 0));
}

/// ASVS 14.2.1: neither password nor token is in any row or key.
#[tokio::test]
async fn what_is_stored_opens_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let reply = scene.ask(&change(&browser, PASSWORD, NEW)).await;
    let contents = format!("{:?}", scene.stores.contents().await);
    for secret in [PASSWORD, NEW, &**browser.token.expose(), &**token(&reply).expose()] {
        assert!(!contents.contains(secret), "{secret}");
    }
}

/// The row decides, not the hot copy: Redis has lost the tombstone.
#[tokio::test]
async fn a_session_that_only_redis_believes_in_changes_nothing() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.browser().await;
    let ended = |row: &mut serde_json::Value| row["revoked_at"] = json!(scene.now.as_millisecond());
    scene.stores.change("sessions", ("session_id", browser.token.id().as_str()), ended).await;
    assert!(scene.lives(&browser.token).await, "from the hot copy");
    assert_eq!(scene.ask(&change(&browser, PASSWORD, NEW)).await.problem(), "signed-out");
    assert!(scene.opens(PASSWORD).await);
}

/// Even if a later step fails, the letter exists, and the repeat writes no second one.
#[tokio::test]
async fn a_change_and_its_letter_happen_together() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let request = change(&scene.browser().await, PASSWORD, NEW);
    scene.stores.dynamo_proxy.break_all(Some("TransactWriteItems"), Fault::Fail);
    assert_eq!(scene.ask(&request).await.status, 503);
    assert!(scene.opens(PASSWORD).await && scene.letters().await.is_empty(), "nothing happened, nothing is told");
    scene.stores.dynamo_proxy.heal();
    scene.stores.dynamo_proxy.break_next("TransactWriteItems", &[Fault::Pass, Fault::Fail, Fault::Fail, Fault::Fail]);
    assert_eq!(scene.ask(&request).await.status, 503);
    assert!(scene.opens(NEW).await);
    assert_eq!(scene.letters().await.len(), 1);
    let reply = scene.ask(&request).await;
    assert_eq!((reply.status, scene.letters().await.len()), (200, 1), "{reply:?}");
    assert!(scene.lives(&token(&reply)).await);
}

/// The address is not proven to be the user's.
#[tokio::test]
async fn an_address_without_proof_gets_no_letter() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.stores.change("users", ("user_id", &scene.user_id), |row| row["email_verified"] = json!(false)).await;
    assert_eq!(scene.ask(&change(&scene.browser().await, PASSWORD, NEW)).await.status, 200);
    assert!(scene.letters().await.is_empty());
}
