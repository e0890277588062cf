//! A refusal does not reveal whether there is an account. ASVS 6.3.8.

use crate::support::{EMAIL, PASSWORD, Scene, address, denial};
use serde_json::json;
use std::time::Instant;
use testkit::{now, settings};
use users::{Denial, Password, Passwords, Users};

/// Ada, a user without a password, and a user who may not sign in.
async fn everybody() -> (Scene, [(&'static str, &'static str, Denial); 5]) {
    let (scene, _) = Scene::with_ada().await;
    scene.add("oidc@example.com", None).await.expect("a new user");
    let disabled = scene.add("disabled@example.com", Some(PASSWORD)).await.expect("a new user");
    scene.stores.change("users", ("user_id", &disabled), |row| row["status"] = json!("disabled")).await;
    let tries = [
        ("nobody@example.com", PASSWORD, Denial::UnknownAccount),
        (EMAIL, "wrong password", Denial::WrongPassword),
        ("oidc@example.com", PASSWORD, Denial::NoPassword),
        ("disabled@example.com", PASSWORD, Denial::Disabled),
        ("disabled@example.com", "wrong password", Denial::WrongPassword),
    ];
    (scene, tries)
}

#[tokio::test]
async fn every_refusal_asks_the_store_the_same() {
    let (scene, tries) = everybody().await;
    let proxy = &scene.stores.dynamo_proxy;
    let calls = || [proxy.calls_of("GetItem"), proxy.calls_of("TransactGetItems"), proxy.calls()];
    for (email, password, expected) in tries {
        let before = calls();
        assert_eq!(denial(scene.log_in(email, password).await).0, expected, "{email}");
        let made: Vec<_> = calls().iter().zip(before).map(|(after, before)| after - before).collect();
        assert_eq!(made, [1, 1, 2], "one of each and no other: {email}, {password}");
    }
}

/// The median of several measurements, taken in turn, so that a busy machine slows all of them down.
#[tokio::test]
async fn every_refusal_does_the_same_work() {
    let (scene, tries) = everybody().await;
    let costs = [("ARGON2_MEMORY_KIB", "8192"), ("ARGON2_TIME_COST", "2")];
    let costs = costs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let users = Users::new(scene.stores.dynamo(), settings(costs.into(), Passwords::from_environment));
    let wrong = Password::parse("wrong password").unwrap();
    let new = |email| users::NewUser { email: address(email), password: Some(wrong.clone()), name: None };
    users.add(new("costly@example.com"), testkit::now()).await.unwrap();

    let right = Password::parse(PASSWORD).unwrap();
    let emails = ["costly@example.com", tries[0].0, tries[2].0];
    let mut times = emails.map(|_| Vec::new());
    for _ in 0..15 {
        for (email, times) in emails.iter().zip(&mut times) {
            let started = Instant::now();
            denial(users.with_password(&address(email), &right, now()).await);
            times.push(started.elapsed());
        }
    }
    let [costly, unknown, without] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    for other in [unknown, without] {
        assert!(other * 2 > costly && costly * 2 > other, "{costly:?}, {unknown:?}, {without:?}");
    }
}

/// A replica that lags behind would accept the old password after a change, and refuse a new user.
#[tokio::test]
async fn identities_are_read_consistently() {
    let (scene, user_id) = Scene::with_ada().await;
    scene.stores.dynamo_proxy.lag();
    assert_eq!(scene.log_in(EMAIL, PASSWORD).await.unwrap().user_id, user_id);
}
