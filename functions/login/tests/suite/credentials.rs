use crate::support::{EMAIL, PASSWORD, Scene, add, credentials};
use scene::{Stores, now, on_both_stores};
use serde_json::json;

/// ASVS 6.3.8: a client that tries addresses learns nothing, neither from the answer nor from its cost.
#[tokio::test]
async fn all_refusals_are_alike() {
    let scene = Scene::new(Stores::start().await, now()).await;
    add(&scene.users(), "oidc@example.com", None, scene.now).await;
    let disabled = add(&scene.users(), "disabled@example.com", Some(PASSWORD), scene.now).await;
    let disable = |row: &mut serde_json::Value| row["status"] = json!("disabled");
    scene.stores.change("users", ("user_id", &disabled), disable).await;

    let mut seen = Vec::new();
    for (email, password) in [
        (EMAIL, "wrong password"),
        ("nobody@example.com", PASSWORD),
        ("oidc@example.com", PASSWORD),
        ("disabled@example.com", PASSWORD),
        ("disabled@example.com", "wrong password"),
    ] {
        let proxy = &scene.stores.dynamo_proxy;
        let calls = || ["GetItem", "TransactGetItems"].map(|name| proxy.calls_of(name));
        let (before, all_before) = (calls(), proxy.calls());
        let reply = scene.ask(&credentials(email, password).id(email)).await;
        assert_eq!((reply.status, &*reply.problem()), (401, "invalid-credentials"), "{email}");
        assert_eq!(reply.json()["instance"], email);
        assert!(reply.cookies.is_empty(), "{email}");
        let calls: Vec<_> = calls().iter().zip(before).map(|(after, before)| after - before).collect();
        seen.push((email, reply.without_instance(), calls, proxy.calls() - all_before));
    }
    for (email, reply, calls, all) in &seen {
        // The other seven are the throttle's: one read, and two writes for each of its counters.
        assert_eq!((reply, &calls[..], *all), (&seen[0].1, &[1, 1][..], 9), "{email}");
    }
}

/// ASVS 6.3.8: a refusal reveals nothing about a cookie sent with it either.
#[tokio::test]
async fn a_refusal_says_nothing_of_a_presented_session() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.sign_in().await;
    let wrong = || credentials(EMAIL, "wrong password");
    let with_session = browser.with_cookie(wrong()).header("x-csrf-token", &browser.token.csrf());
    assert_eq!(scene.ask(&with_session).await, scene.ask(&wrong()).await);
    assert!(scene.sessions().authenticate(&browser.token, session::Slide::No, scene.now).await.unwrap().is_some());
}

on_both_stores! {
    async fn an_address_is_the_same_in_capitals(stores) {
        let scene = Scene::new(stores, now()).await;
        assert_eq!(scene.ask(&credentials("ADA@Example.COM", PASSWORD)).await.status, 200);
    }
}

/// ASVS 6.2.5, 6.2.8, 6.2.9; NIST SP 800-63B-4, 3.1.1.2: as typed, complete, in one form of Unicode.
#[tokio::test]
async fn every_character_of_a_password_counts() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let longest = format!("{}Z", "x".repeat(255));
    let with_nul = "null\0byte password";
    for (email, password, refused) in [
        ("a@example.com", "  pass word  ", "pass word"),
        ("b@example.com", "Password", "password"),
        ("c@example.com", longest.as_str(), &longest.replace('Z', "z")),
        ("d@example.com", longest.as_str(), &longest[..255]),
        ("e@example.com", with_nul, "null"),
        ("f@example.com", "p\u{e4}ssword", "password"),
    ] {
        add(&scene.users(), email, Some(password), scene.now).await;
        assert_eq!(scene.ask(&credentials(email, password)).await.status, 200, "{password:?}");
        assert_eq!(scene.ask(&credentials(email, refused)).await.status, 401, "{refused:?}");
    }
    assert_eq!(scene.ask(&credentials("f@example.com", "pa\u{308}ssword")).await.status, 200, "decomposed");
}

#[tokio::test]
async fn a_password_is_read_up_to_256_code_points() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for (password, status) in
        [("", 422), ("\u{1f511}", 401), (&"\u{1f511}".repeat(256), 401), (&"\u{1f511}".repeat(257), 422)]
    {
        let reply = scene.ask(&credentials(EMAIL, password)).await;
        assert_eq!(reply.status, status, "{} code points", password.chars().count());
        assert!(!reply.body.contains('\u{1f511}'), "{reply:?}");
    }
}
