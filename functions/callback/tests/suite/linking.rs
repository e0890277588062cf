//! Which account a provider's user gets. ASVS 6.8.1, 6.8.2, 10.5.2; OpenID Connect Core 5.7.

use crate::support::{Scene, token};
use futures_util::future::join_all;
use scene::Lie;
use serde_json::{Value, json};
use session::Slide;
use std::collections::BTreeSet;

const IDENTITY: (&str, &str) = ("identity", "email#ana@example.com");

async fn identities_of(scene: &Scene, user_id: &str) -> Vec<String> {
    let rows = scene.stores.contents().await["test-user_identities"].as_array().cloned().unwrap_or_default();
    let own = rows.into_iter().filter(|row| row["user_id"] == user_id);
    let key = |row: Value| row["identity"].as_str().expect("a key").replace(scene.provider.issuer(), "ISSUER");
    let mut keys: Vec<_> = own.map(key).collect();
    keys.sort();
    keys
}

#[tokio::test]
async fn somebody_new_with_a_proven_address_gets_an_account_that_owns_it() {
    let scene = Scene::whole().await;
    let user = scene.user_of(&scene.log_in().await).await;
    assert_eq!(identities_of(&scene, &user).await, ["email#ana@example.com", "oidc#ISSUER#ana"]);
    let account = scene.stores.stored_account(&user).await;
    assert_eq!((account.email.as_deref(), account.email_verified), (Some("ana@example.com"), true));
    assert_eq!(account.name.as_deref(), Some("Ana"));
    assert_eq!(scene.user_of(&scene.log_in().await).await, user, "and the same one next time");
    assert_eq!(scene.count("users").await, 1);
}

/// Otherwise a stranger could take an address before its owner comes.
#[tokio::test]
async fn an_unproven_address_is_shown_and_claims_nothing() {
    for unproven in [json!(false), json!(null), json!("false"), json!("yes"), json!(1)] {
        let scene = Scene::small().await;
        scene.provider.lie(Lie::Claim("email_verified", unproven.clone()));
        let user = scene.user_of(&scene.log_in().await).await;
        assert_eq!(identities_of(&scene, &user).await, ["oidc#ISSUER#ana"], "{unproven}");
        let account = scene.stores.stored_account(&user).await;
        assert_eq!((account.email.as_deref(), account.email_verified), (Some("ana@example.com"), false));
        let owner = scene.add("ana@example.com").await;
        assert_ne!(owner, user, "the owner of the address comes, and is somebody else");
        assert_eq!(scene.user_of(&scene.log_in().await).await, user);
    }
}

#[tokio::test]
async fn an_address_that_is_none_claims_nothing_either() {
    for email in [json!(null), json!("ana"), json!("ana@example.com,eve@example.com"), json!("a#b@example.com")] {
        let scene = Scene::small().await;
        scene.provider.lie(Lie::Claim("email", email.clone()));
        let user = scene.user_of(&scene.log_in().await).await;
        assert_eq!(identities_of(&scene, &user).await, ["oidc#ISSUER#ana"], "{email}");
        assert_eq!(scene.stores.stored_account(&user).await.email, None);
    }
}

#[tokio::test]
async fn an_account_is_joined_if_both_sides_have_proof_of_the_address() {
    let scene = Scene::whole().await;
    scene.provider.lie(Lie::Claim("email", json!("ANA@Example.com")));
    let user = scene.add("ana@example.com").await;
    assert_eq!(scene.user_of(&scene.log_in().await).await, user);
    assert_eq!(identities_of(&scene, &user).await, ["email#ana@example.com", "oidc#ISSUER#ana"]);
    assert_eq!(scene.count("users").await, 1);
}

#[tokio::test]
async fn an_account_is_not_joined_without_proof_on_both_sides() {
    for (provider, account) in [(false, true), (true, false), (false, false)] {
        let scene = Scene::whole().await;
        scene.add("ana@example.com").await;
        scene.stores.change("user_identities", IDENTITY, |row| row["verified"] = json!(account)).await;
        scene.provider.lie(Lie::Claim("email_verified", json!(provider)));
        let visit = scene.visit().await;
        let kept = scene.kept().await;
        let reply = scene.ask(&visit.request()).await;
        assert_eq!((reply.status, &*reply.problem()), (409, "account-exists"), "{provider}, {account}");
        assert_eq!(reply.cookies.len(), 1, "the attempt is spent, no session begins");
        assert_eq!(scene.kept().await, kept);
    }
}

/// OpenID Connect Core 5.7: the subject identifies the person; an address may change owners.
#[tokio::test]
async fn a_known_subject_keeps_its_account_whatever_its_address_is_now() {
    let scene = Scene::whole().await;
    let user = scene.user_of(&scene.log_in().await).await;
    let other = scene.add("eve@example.com").await;
    scene.provider.lie(Lie::Claim("email", json!("eve@example.com")));
    assert_eq!(scene.user_of(&scene.log_in().await).await, user);
    assert_ne!(user, other);
    assert_eq!(scene.stores.stored_account(&user).await.email.as_deref(), Some("ana@example.com"));
}

/// A mail server that distinguishes the Kelvin sign from a k has given the mailbox to another person.
#[tokio::test]
async fn an_address_that_is_only_alike_is_not_joined() {
    let scene = Scene::whole().await;
    scene.add("mike@example.com").await;
    scene.provider.lie(Lie::Claim("email", json!("mi\u{212a}e@example.com")));
    let visit = scene.visit().await;
    let kept = scene.kept().await;
    let reply = scene.ask(&visit.request()).await;
    assert_eq!((reply.status, &*reply.problem()), (409, "account-exists"));
    assert_eq!(scene.kept().await, kept);
}

/// Values that the session and every `/me` would hold.
#[tokio::test]
async fn what_a_provider_says_is_taken_as_far_as_it_can_be_used() {
    for (claim, value) in [
        ("name", json!("\u{202e}")),
        ("name", json!(["Ana"])),
        ("name", json!({ "given": "Ana" })),
        ("name", json!("x".repeat(101))),
        ("picture", json!(format!("data:image/png;base64,{}", "A".repeat(100_000)))),
        ("picture", json!("http://id.example/ana.png")),
        ("picture", json!(7)),
        ("email", json!(["ana@example.com"])),
        ("email", json!({})),
    ] {
        let scene = Scene::small().await;
        scene.provider.lie(Lie::Claim(claim, value.clone()));
        let user = scene.user_of(&scene.log_in().await).await;
        let account = scene.stores.stored_account(&user).await;
        let said = [("name", &account.name), ("picture", &account.picture), ("email", &account.email)];
        assert!(said.iter().all(|(member, said)| *member != claim || said.is_none()), "{claim} {value}: {account:?}");
    }
}

/// ASVS 6.8.1: the same subject of another issuer is another person.
#[tokio::test]
async fn a_subject_of_another_issuer_is_somebody_else() {
    let scene = Scene::whole().await;
    scene.provider.lie(Lie::Claim("email", Value::Null));
    scene.other.lie(Lie::Claim("email", Value::Null));
    let one = scene.user_of(&scene.log_in().await).await;
    let visit = scene.visit_at("other", &scene.other).await;
    let there = scene::Request::get("/callback/{provider}").parameter("provider", "other").query(&visit.query);
    let reply = scene.ask(&there.cookie(&visit.cookie_name(), &visit.attempt.encode())).await;
    assert_ne!(scene.user_of(&reply).await, one);
}

#[tokio::test]
async fn a_disabled_account_lets_nobody_in() {
    let scene = Scene::whole().await;
    let user = scene.user_of(&scene.log_in().await).await;
    scene.stores.change("users", ("user_id", &user), |row| row["status"] = json!("disabled")).await;
    let visit = scene.visit().await;
    let kept = scene.kept().await;
    let reply = scene.ask(&visit.request()).await;
    assert_eq!((reply.status, &*reply.problem()), (400, "login-refused"));
    assert_eq!(scene.kept().await, kept);
}

/// ASVS 2.3.3, 15.4.1–15.4.3: ten tabs, one person.
#[tokio::test]
async fn ten_first_logins_at_once_make_one_account() {
    let scene = Scene::whole().await;
    let mut requests = Vec::new();
    for _ in 0..10 {
        requests.push(scene.visit().await.request());
    }
    let replies = join_all(requests.iter().map(|request| scene.ask(request))).await;
    let mut users = BTreeSet::new();
    for reply in &replies {
        assert_eq!(reply.status, 302, "{reply:?}");
        let session = scene.sessions().authenticate(&token(reply), Slide::No, scene.now).await.unwrap().unwrap();
        users.insert(session.record.user_id);
    }
    assert_eq!(users.len(), 1);
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (1, 2));
}
