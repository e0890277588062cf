//! How passwords are kept.

use crate::support::{EMAIL, PASSWORD, Scene, add, credentials, users};
use scene::{Fault, Logs, Stores, now, settings};
use serde_json::Value;
use throttle::Throttle;
use users::{Passwords, Users};

const IDENTITY: (&str, &str) = ("identity", "email#ada@example.com");

async fn stored_hash(stores: &Stores) -> String {
    let row = stores.row("user_identities", IDENTITY).await.expect("the identity");
    row["password_hash"].as_str().expect("a hash").to_owned()
}

/// ASVS 11.4.2, 6.2.12: the parameters of OWASP's Password Storage cheat sheet.
#[tokio::test]
async fn passwords_are_kept_as_argon2id_with_19_mib_and_two_passes() {
    let stores = Stores::without_redis().await;
    let passwords = settings(Vec::new(), Passwords::from_environment);
    let users = Users::new(stores.dynamo(), passwords);
    add(&users, EMAIL, Some(PASSWORD), now()).await;
    let hash = stored_hash(&stores).await;
    let parts: Vec<_> = hash.split('$').collect();
    assert_eq!(parts[..4], ["", "argon2id", "v=19", "m=19456,t=2,p=1"], "{hash}");
    let [salt, output] = parts[4..] else { panic!("salt and output: {hash}") };
    assert_eq!((salt.len(), output.len()), (22, 43), "16 and 32 bytes: {hash}");
    add(&users, "other@example.com", Some(PASSWORD), now()).await;
    let other = stores.row("user_identities", ("identity", "email#other@example.com")).await.unwrap();
    assert_ne!(other["password_hash"], Value::from(hash), "a salt of its own");
}

/// ASVS 11.4.2: only during a login is the password known.
#[tokio::test]
async fn a_hash_that_has_become_weak_is_replaced_at_the_login() {
    for (stronger, expected) in
        [(("ARGON2_TIME_COST", "2"), "m=8,t=2,p=1"), (("ARGON2_MEMORY_KIB", "16"), "m=16,t=1,p=1")]
    {
        let mut scene = Scene::new(Stores::start().await, now()).await;
        let weak = stored_hash(&scene.stores).await;
        assert!(weak.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{weak}");
        scene.function.entrance.users = users(&scene.stores, &[stronger]);

        assert_eq!(scene.ask(&credentials(EMAIL, "wrong password")).await.status, 401);
        assert_eq!(stored_hash(&scene.stores).await, weak, "somebody who does not know it replaces nothing");
        assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 200);
        let strong = stored_hash(&scene.stores).await;
        assert!(strong.starts_with(&format!("$argon2id$v=19${expected}$")), "{strong}");
        assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 200, "it is the same password");
        assert_eq!(scene.ask(&credentials(EMAIL, "wrong password")).await.status, 401);
        assert_eq!(stored_hash(&scene.stores).await, strong, "once is enough");
    }
}

#[tokio::test]
async fn a_hash_that_is_stronger_than_todays_stays() {
    let mut scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.function.entrance.users = users(&scene.stores, &[("ARGON2_MEMORY_KIB", "32")]);
    scene.ask(&credentials(EMAIL, PASSWORD)).await;
    let strong = stored_hash(&scene.stores).await;
    scene.function.entrance.users = users(&scene.stores, &[]);
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 200);
    assert_eq!(stored_hash(&scene.stores).await, strong);
}

/// The person has shown the right password, and must not suffer from our maintenance.
#[tokio::test]
async fn a_replacement_that_fails_does_not_fail_the_login() {
    let mut scene = Scene::new(Stores::start().await, now()).await;
    let weak = stored_hash(&scene.stores).await;
    scene.function.entrance.users = users(&scene.stores, &[("ARGON2_TIME_COST", "2")]);
    scene.function.entrance.throttle = Throttle::new(scene.stores.dynamo_itself().clone());
    // For every attempt that is made.
    scene.stores.dynamo_proxy.break_next("UpdateItem", &[Fault::Fail; 3]);
    let logs = Logs::capture();
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 200);
    assert_eq!(stored_hash(&scene.stores).await, weak);
    let [warning] = &logs.of("users::claim")[..] else { panic!("one warning: {}", logs.text()) };
    assert_eq!((&warning["level"], &warning["user_id"]), (&"WARN".into(), &scene.user_id.clone().into()));

    scene.stores.dynamo_proxy.heal();
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 200);
    assert_ne!(stored_hash(&scene.stores).await, weak, "the next login makes up for it");
}

/// If the password is being changed meanwhile, the old one is not restored.
#[tokio::test]
async fn a_replacement_does_not_undo_a_password_change() {
    let mut scene = Scene::new(Stores::without_redis().await, now()).await;
    scene.function.entrance.users = users(&scene.stores, &[("ARGON2_TIME_COST", "2")]);
    scene.function.entrance.throttle = Throttle::new(scene.stores.dynamo_itself().clone());
    let mut held = scene.stores.dynamo_proxy.hold_next("UpdateItem");
    let request = credentials(EMAIL, PASSWORD);
    let change = async {
        held.arrived().await;
        scene.stores.change("user_identities", IDENTITY, |row| row["password_hash"] = "$changed".into()).await;
        held.release();
    };
    futures_util::join!(scene.ask(&request), change);
    assert_eq!(stored_hash(&scene.stores).await, "$changed");
}

/// ASVS 2.2.1, 15.3.3: an invalid hash lets no user in, and only the log reports it.
#[tokio::test]
async fn a_hash_that_cannot_be_read_is_a_wrong_password() {
    let scene = Scene::new(Stores::without_redis().await, now()).await;
    for hash in ["", "plain", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=x$c2FsdHNhbHQ$"] {
        scene.stores.change("user_identities", IDENTITY, |row| row["password_hash"] = hash.into()).await;
        let reply = scene.ask(&credentials(EMAIL, PASSWORD)).await;
        assert_eq!((reply.status, &*reply.problem()), (401, "invalid-credentials"), "{hash}");
    }
    assert_eq!(scene.ask(&credentials(EMAIL, PASSWORD)).await.status, 429, "five tries");
}
