//! `POST /password/reset`: what it answers, and to whom mail goes.

use crate::support::{EMAIL, PASSWORD, Scene, add, forgotten};
use outbox::{Locale, Matter};
use scene::{Stores, now};
use serde_json::json;

#[tokio::test]
async fn a_forgotten_password_makes_a_letter() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    let reply = scene.ask(&forgotten("ADA@example.com").header("accept-language", "pt-PT")).await;
    assert_eq!((reply.status, &*reply.body), (202, ""));
    let [letter] = &scene.letters().await[..] else { panic!("one letter") };
    assert_eq!((&*letter.to, letter.locale, &letter.matter), (EMAIL, Locale::Pt, &Matter::Reset));
    assert_eq!(scene.count("challenges").await, 0, "there is no token before the mail is written");
}

/// ASVS 6.3.8, 6.4.4: the answer and its cost are the same whether or not there is an account.
#[tokio::test]
async fn known_and_unknown_addresses_cost_the_same_calls() {
    let scene = Scene::new(Stores::start().await, now()).await;
    add(&scene.users(), "oidc@example.com", None, scene.now).await;
    let disabled = add(&scene.users(), "disabled@example.com", Some(PASSWORD), scene.now).await;
    scene.stores.change("users", ("user_id", &disabled), |row| row["status"] = json!("disabled")).await;
    let operations = ["BatchGetItem", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems", "UpdateItem"];
    let proxy = &scene.stores.dynamo_proxy;
    let calls = || operations.map(|name| proxy.calls_of(name)).into_iter().chain([proxy.calls()]).collect::<Vec<_>>();
    // The browser's own counter exists already.
    scene.ask(&forgotten("somebody@example.com")).await;
    let mut seen = Vec::new();
    for email in ["nobody@example.com", EMAIL, "oidc@example.com", "disabled@example.com"] {
        let before = calls();
        let reply = scene.ask(&forgotten(email)).await;
        assert_eq!(reply.status, 202, "{email}");
        let cost: Vec<_> = calls().iter().zip(before).map(|(after, before)| after - before).collect();
        seen.push((email, reply, cost));
    }
    for (email, reply, cost) in &seen {
        assert_eq!((reply, cost), (&seen[0].1, &seen[0].2), "{email}");
    }
    assert_eq!(seen[0].2[1], 0, "the account is not looked at");
    assert_eq!(scene.letters().await.len(), 5);
}
