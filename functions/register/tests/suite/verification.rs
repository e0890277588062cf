//! `POST /register/verify`: from the mail to the account.

use crate::support::{BROWSER, EMAIL, PASSWORD, REGISTRATION, Scene, elsewhere, proof, registrant, token, wanted};
use futures_util::future::join_all;
use scene::{COOKIE, Stores, now, on_both_stores};
use serde_json::json;
use session::{Slide, Token};
use users::Challenge;

on_both_stores! {
    async fn whoever_reads_the_mail_gets_an_account_and_is_signed_in(stores) {
        let scene = Scene::new(stores, now());
        let mail = scene.mailed("Ada@Example.com").await;
        let reply = scene.ask(&proof(&mail)).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        let user = &reply.json()["user"];
        assert_eq!((&user["email"], &user["email_verified"], &user["name"]), (&json!(EMAIL), &json!(true), &json!("Ada")));
        assert_eq!(reply.json()["csrf_token"], token(&reply).csrf());
        let session = scene.sessions().authenticate(&token(&reply), Slide::No, scene.now).await.unwrap().unwrap();
        assert_eq!((&json!(session.record.user_id), &*session.record.auth_method), (&user["id"], "password"));
        assert!(scene.opens(EMAIL, PASSWORD).await);
        let row = scene.stores.row("sessions", ("session_id", session.id.as_str())).await.unwrap();
        assert_eq!((&row["ip"], &row["user_agent"]), (&json!("203.0.113.7"), &json!("Browser/1.0 (of the tests)")));
    }
}

/// ASVS 2.3.3, 2.3.4, 15.4.1–15.4.3: any of the mails may be read first.
#[tokio::test]
async fn twenty_proofs_of_one_address_make_one_account_and_one_session() {
    let mut scene = Scene::new(Stores::start().await, now());
    let mut mails = Vec::new();
    for _ in 0..5 {
        mails.push(scene.mailed(EMAIL).await);
        scene.pass(600);
    }
    let proofs: Vec<_> = (0..20).map(|number| proof(&mails[number % mails.len()])).collect();
    let replies = join_all(proofs.iter().map(|proof| scene.ask(proof))).await;
    let statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 400, 409].contains(status)), "{statuses:?}");
    for table in ["users", "user_identities", "sessions"] {
        assert_eq!(scene.count(table).await, 1, "{table}");
    }
}

/// An address cannot be reserved: a later registration's mail is equally valid, and the first reader to open a link
/// gets the account.
#[tokio::test]
async fn a_registration_that_nobody_proved_is_in_nobody_s_way() {
    let scene = Scene::new(Stores::without_redis().await, now());
    scene.mailed(EMAIL).await;
    let mine = scene.mailed(EMAIL).await;
    assert_eq!(scene.ask(&proof(&mine)).await.status, 201);
}

#[tokio::test]
async fn a_token_is_good_once() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let mail = scene.mailed(EMAIL).await;
    assert_eq!(scene.ask(&proof(&mail)).await.status, 201);
    let contents = scene.stores.contents().await;
    let again = scene.ask(&proof(&mail)).await;
    assert_eq!((again.status, &*again.problem(), again.cookies.len()), (409, "already-verified", 0));
    let tables = |contents: &std::collections::BTreeMap<_, _>| {
        let mut contents = contents.clone();
        contents.remove("test-throttle");
        contents
    };
    assert_eq!(tables(&scene.stores.contents().await), tables(&contents));
}

/// For a page that is opened twice, or whose answer was lost: no other page has both the link and a session of its user.
#[tokio::test]
async fn the_browser_that_a_link_has_signed_in_may_show_it_again() {
    let scene = Scene::new(Stores::start().await, now());
    let mail = scene.mailed(EMAIL).await;
    let first = scene.ask(&proof(&mail)).await;
    assert_eq!(first.status, 201);
    let own = token(&first);
    let with = |token: &Token| proof(&mail).cookie(COOKIE, &token.expose());
    let sessions = scene.count("sessions").await;
    for request in [with(&own), with(&own).header("x-csrf-token", &own.csrf())] {
        let again = scene.ask(&request).await;
        assert_eq!((again.status, again.cookies.len()), (200, 0), "{again:?}");
        for member in ["user", "csrf_token"] {
            assert_eq!(again.json()[member], first.json()[member]);
        }
        assert_eq!(again.json()["session"]["id"], first.json()["session"]["id"]);
    }
    assert_eq!(scene.count("sessions").await, sessions);

    let other = token(&scene.ask(&elsewhere(&scene.mailed("grace@example.com").await, Some(PASSWORD))).await);
    let refused = async |request| {
        let reply = scene.ask(&request).await;
        (reply.status, reply.problem(), reply.cookies.len())
    };
    assert_eq!(refused(with(&other)).await, (403, "csrf".to_owned(), 0), "another user's session");
    let used = (409, "already-verified".to_owned(), 0);
    assert_eq!(refused(with(&other).header("x-csrf-token", &other.csrf())).await, used);
    assert_eq!(refused(proof(&mail)).await, used, "no session");
    scene.sessions().revoke(&own, scene.now).await.unwrap();
    assert_eq!(refused(with(&own)).await, used, "a dead session");
}

/// Another link, and no proof of the session's own: the guard holds.
#[tokio::test]
async fn a_link_that_has_made_no_account_does_not_replace_the_csrf_token() {
    let scene = Scene::new(Stores::start().await, now());
    let own = token(&scene.ask(&proof(&scene.mailed(EMAIL).await)).await);
    let fresh = scene.mailed("grace@example.com").await;
    for challenge in [fresh, Challenge::generate().unwrap()] {
        let reply = scene.ask(&proof(&challenge).cookie(COOKIE, &own.expose())).await;
        assert_eq!((reply.status, &*reply.problem()), (403, "csrf"));
    }
}

/// A mail for setting a password does not make an account, and vice versa.
#[tokio::test]
async fn a_token_for_a_reset_proves_nothing() {
    let scene = Scene::new(Stores::without_redis().await, now());
    scene.add(EMAIL, Some(PASSWORD)).await;
    let email = users::Email::parse(EMAIL).unwrap();
    let reset = scene.users().begin_reset(&email, scene.now).await.unwrap().unwrap();
    assert_eq!(scene.ask(&proof(&reset)).await.problem(), "link-expired");
}

/// ASVS 6.6.2, 14.2.1: neither token nor password is in any row or key.
#[tokio::test]
async fn what_is_stored_opens_nothing() {
    let scene = Scene::new(Stores::start().await, now());
    let mail = scene.mailed(EMAIL).await;
    let before = format!("{:?}", scene.stores.contents().await);
    let reply = scene.ask(&proof(&mail)).await;
    scene.ask(&wanted(EMAIL, PASSWORD)).await;
    let after = format!("{:?}", scene.stores.contents().await);
    for secret in [&**mail.expose(), PASSWORD, &**token(&reply).expose(), &token(&reply).csrf()] {
        assert!(!before.contains(secret) && !after.contains(secret), "{secret}");
    }
}

const OTHER: &str = "quartz.lantern/oblivion 58";

/// A stranger registers the owner's address; the owner follows the link.
#[tokio::test]
async fn a_link_in_another_browser_makes_no_account_with_the_password_of_whoever_asked() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let strangers = scene.mailed(EMAIL).await;
    let refused = scene.ask(&elsewhere(&strangers, None)).await;
    assert_eq!((refused.status, &*refused.problem()), (422, "unusable-value"));
    assert!(refused.json()["detail"].as_str().unwrap().starts_with("password: "), "{refused:?}");
    assert_eq!(scene.count("users").await, 0);

    let reply = scene.ask(&elsewhere(&strangers, Some(OTHER))).await;
    assert_eq!(reply.status, 201, "the token stayed good: {reply:?}");
    assert_eq!(reply.json()["user"]["name"], serde_json::Value::Null, "nor a name that a stranger chose");
    assert!(scene.opens(EMAIL, OTHER).await && !scene.opens(EMAIL, PASSWORD).await);
}

/// Two registrations of one address: the one whose link is opened first makes the account, with its reader's password.
#[tokio::test]
async fn the_owners_link_after_the_strangers_says_that_there_is_an_account() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let strangers = scene.mailed(EMAIL).await;
    let mine = scene.mailed(EMAIL).await;
    assert_eq!(scene.ask(&elsewhere(&strangers, Some(OTHER))).await.status, 201);
    for request in [proof(&mine), elsewhere(&mine, None), elsewhere(&mine, Some(PASSWORD))] {
        assert_eq!(scene.ask(&request).await.problem(), "account-exists");
    }
    assert!(scene.opens(EMAIL, OTHER).await);
}

/// ASVS 6.2: checked like any new password, before anything is spent.
#[tokio::test]
async fn a_password_that_is_given_with_the_token_is_judged() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let mail = scene.mailed(EMAIL).await;
    for weak in ["", "short", "password1234", "ada@example.com", &"x".repeat(257)] {
        for request in
            [elsewhere(&mail, Some(weak)), elsewhere(&mail, Some(weak)).cookie(REGISTRATION, &registrant().expose())]
        {
            let reply = scene.ask(&request).await;
            assert_eq!((reply.status, &*reply.problem()), (422, "unusable-value"), "{weak}");
            assert!(reply.json()["detail"].as_str().unwrap().starts_with("password: "), "{reply:?}");
        }
    }
    assert_eq!(scene.ask(&elsewhere(&mail, Some(OTHER))).await.status, 201);
}

/// Otherwise a valid token would allow any number of judgements.
#[tokio::test]
async fn passwords_that_are_given_with_a_token_are_counted() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let mail = scene.mailed(EMAIL).await;
    let mut statuses = Vec::new();
    while statuses.len() < 300 && statuses.last() != Some(&429) {
        statuses.push(scene.ask(&elsewhere(&mail, Some("password1234"))).await.status);
    }
    assert_eq!(statuses.last(), Some(&429), "nothing stops it");
    assert_eq!(scene.ask(&proof(&mail)).await.status, 201, "the browser that asked needs none");
}

/// Both links of two registrations in one browser work without a password.
#[tokio::test]
async fn a_browser_that_registers_twice_is_known_to_both_mails() {
    for number in 0..2 {
        let scene = Scene::new(Stores::without_redis().await, now());
        let mails = [scene.mailed(EMAIL).await, scene.mailed(EMAIL).await];
        assert_eq!(scene.ask(&proof(&mails[number])).await.status, 201, "{number}");
    }
}

/// The browser is also recognized at the next sign-in.
#[tokio::test]
async fn the_browser_of_a_new_account_is_known_from_then_on() {
    let scene = Scene::new(Stores::without_redis().await, now());
    let reply = scene.ask(&proof(&scene.mailed(EMAIL).await)).await;
    assert_eq!(reply.cookie(BROWSER).map(str::len), Some(43));
    let session = token(&reply).id();
    let row = scene.stores.row("sessions", ("session_id", session.as_str())).await.unwrap();
    assert_eq!((row["browser"].as_str().map(str::len), &row["epoch"]), (Some(43), &json!(0)));
}
