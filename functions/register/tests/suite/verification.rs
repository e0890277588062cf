//! `POST /register/verify`: from the mail to the account.

use crate::support::{EMAIL, PASSWORD, Scene, proof, token, wanted};
use futures_util::future::join_all;
use serde_json::json;
use session::Slide;
use testkit::{Stores, now, on_both_stores};

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

/// ASVS 2.3.3, 2.3.4, 15.4.1–15.4.3: whichever of the mails is read first.
#[tokio::test]
async fn fifty_proofs_of_one_address_make_one_account_and_one_session() {
    let mut scene = Scene::new(Stores::start().await, now());
    let mut mails = Vec::new();
    for _ in 0..5 {
        mails.push(scene.mailed(EMAIL).await);
        scene.pass(600);
    }
    let proofs: Vec<_> = (0..50).map(|number| proof(&mails[number % mails.len()])).collect();
    let replies = join_all(proofs.iter().map(|proof| scene.ask(proof))).await;
    let statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 400, 409].contains(status)), "{statuses:?}");
    for table in ["users", "user_identities", "sessions"] {
        assert_eq!(scene.count(table).await, 1, "{table}");
    }
}

/// Nobody can squat an address: the mail of a later registration is as good, and the account is whose it is first.
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
    assert_eq!((again.status, &*again.problem(), again.cookies.len()), (400, "link-expired", 0));
    let tables = |contents: &std::collections::BTreeMap<_, _>| {
        let mut contents = contents.clone();
        contents.remove("test-throttle");
        contents
    };
    assert_eq!(tables(&scene.stores.contents().await), tables(&contents));
}

/// A mail to set a password does not make an account, and the other way round.
#[tokio::test]
async fn a_token_for_a_reset_proves_nothing() {
    let scene = Scene::new(Stores::without_redis().await, now());
    scene.add(EMAIL, Some(PASSWORD)).await;
    let email = users::Email::parse(EMAIL).unwrap();
    let reset = scene.register.users.begin_reset(&email, scene.now).await.unwrap().unwrap();
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
