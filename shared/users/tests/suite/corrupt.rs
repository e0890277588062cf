//! Rows that this code did not write. ASVS 2.2.1, 15.3.3, 16.5.2: an error, never a panic, never a way in.

use crate::support::{EMAIL, ISSUER, PASSWORD, Scene, somebody};
use serde_json::{Value, json};
use testkit::Logs;
use users::{Denial, Error};

const IDENTITY: (&str, &str) = ("identity", "email#ada@example.com");
const SUBJECT: (&str, &str) = ("identity", "oidc#https://id.example#ada");

/// Removes or distorts each member of a row. Optional members are only distorted; members of the index by user are only
/// removed.
async fn spoil(scene: &Scene, table: &'static str, key: (&str, &str), mut test: impl AsyncFnMut(&str)) {
    let sound = scene.stores.row(table, key).await.expect("a row");
    let members = sound.as_object().expect("members").keys().filter(|name| *name != key.0);
    for member in members {
        let values = match member.as_str() {
            "user_id" => vec![Value::Null],
            "email" | "name" | "picture" | "password_hash" | "provider" | "last_used_at" => {
                vec![json!([{ "odd": true }])]
            }
            _ => vec![json!([{ "odd": true }]), Value::Null],
        };
        for value in values {
            scene.stores.change(table, key, |row| row[member] = value.clone()).await;
            test(&format!("{member} of {table} is {value}")).await;
            scene.stores.put(table, &sound).await;
        }
    }
}

fn is_corrupt<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Store(dynamo::Error::Corrupt { .. })))
}

#[tokio::test]
async fn a_corrupt_row_admits_nobody_whom_a_provider_knows() {
    assert_eq!(SUBJECT.1, format!("oidc#{ISSUER}#ada"));
    let scene = Scene::new().await;
    let who = somebody("ada", EMAIL);
    let (user_id, _) = scene.enter(&who).await.unwrap();
    let test = async |what: &str| assert!(is_corrupt(&scene.enter(&who).await), "{what}");
    spoil(&scene, "user_identities", SUBJECT, test).await;
    spoil(&scene, "users", ("user_id", &user_id), test).await;
    assert_eq!(scene.enter(&who).await.unwrap().0, user_id);
}

#[tokio::test]
async fn a_corrupt_address_is_not_joined() {
    let (scene, _) = Scene::with_ada().await;
    let who = somebody("ada", EMAIL);
    let test = async |what: &str| {
        assert!(is_corrupt(&scene.enter(&who).await), "{what}");
        assert_eq!(scene.stores.row("user_identities", SUBJECT).await, None, "{what}");
    };
    spoil(&scene, "user_identities", IDENTITY, test).await;
}

/// No second account is made in its place either.
#[tokio::test]
async fn a_subject_without_its_account_admits_nobody() {
    let scene = Scene::new().await;
    let who = somebody("ada", EMAIL);
    scene.enter(&who).await.unwrap();
    scene.stores.change("user_identities", SUBJECT, |row| row["user_id"] = json!("gone")).await;
    let contents = scene.stores.contents().await;
    let entered = scene.enter(&who).await;
    assert!(matches!(entered, Err(Error::Store(_))), "{entered:?}");
    assert_eq!(scene.stores.contents().await, contents);
}

/// Only the log reports it: a 503 would tell a client to try again, and would not be counted as a guess.
#[tokio::test]
async fn a_hash_that_cannot_be_read_is_no_passwords() {
    let (scene, user_id) = Scene::with_ada().await;
    let enormous = "$argon2id$v=19$m=4194304,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA";
    let broken = "$argon2id$v=19$m=x$c2FsdA$aGFzaA";
    for hash in ["", "plain", PASSWORD, "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv", broken, enormous] {
        scene.stores.change("user_identities", IDENTITY, |row| row["password_hash"] = json!(hash)).await;
        let logs = Logs::capture();
        let opened = scene.log_in(EMAIL, PASSWORD).await;
        let wrong = matches!(&opened, Err(Error::Denied { denial: Denial::WrongPassword, user_id: Some(id) }) if *id == user_id);
        assert!(wrong, "{hash}: {opened:?}");
        let lines = logs.of("users::users");
        assert_eq!(lines.len(), 1, "{}", logs.text());
        assert_eq!(lines[0]["user_id"], user_id.as_str(), "{}", logs.text());
        assert!(hash.is_empty() || !logs.text().contains(hash), "{}", logs.text());
        assert_eq!(scene.stores.row("user_identities", IDENTITY).await.unwrap()["password_hash"], hash);
    }
}
