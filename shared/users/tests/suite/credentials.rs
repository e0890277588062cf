use crate::support::{EMAIL, PASSWORD, Scene, denial, is_unknown};
use serde_json::{Value, json};
use users::Denial;

const IDENTITY: (&str, &str) = ("identity", "email#ada@example.com");

#[tokio::test]
async fn every_no_says_why_to_the_audit_log() {
    let (scene, ada) = Scene::with_ada().await;
    let oidc = scene.add("oidc@example.com", None).await.unwrap();
    let disabled = scene.add("disabled@example.com", Some(PASSWORD)).await.unwrap();
    scene.stores.change("users", ("user_id", &disabled), |row| row["status"] = json!("disabled")).await;
    for (email, password, expected) in [
        (EMAIL, "wrong password", (Denial::WrongPassword, Some(ada.clone()))),
        ("nobody@example.com", PASSWORD, (Denial::UnknownAccount, None)),
        ("oidc@example.com", PASSWORD, (Denial::NoPassword, Some(oidc))),
        ("disabled@example.com", "wrong password", (Denial::WrongPassword, Some(disabled.clone()))),
        ("disabled@example.com", PASSWORD, (Denial::Disabled, Some(disabled))),
    ] {
        assert_eq!(denial(scene.log_in(email, password).await), expected, "{email}");
    }
    assert_eq!(scene.log_in(EMAIL, PASSWORD).await.unwrap().user_id, ada);
}

/// The hash and the epoch that a login is committed under are of one moment: a password change in between wins.
#[tokio::test]
async fn identity_and_account_come_from_one_transaction() {
    let (scene, _) = Scene::with_ada().await;
    let proxy = &scene.stores.dynamo_proxy;
    let calls = || [proxy.calls(), proxy.calls_of("GetItem"), proxy.calls_of("TransactGetItems")];
    let before = calls();
    scene.log_in(EMAIL, "wrong password").await.unwrap_err();
    let after = calls();
    assert_eq!(std::array::from_fn(|at| after[at] - before[at]), [2, 1, 1]);

    let mut held = proxy.hold_next("TransactGetItems");
    let change = async {
        held.arrived().await;
        // The old password no longer exists.
        scene.stores.change("user_identities", IDENTITY, |row| row["password_hash"] = Value::Null).await;
        held.release();
    };
    let (result, ()) = tokio::join!(scene.log_in(EMAIL, PASSWORD), change);
    assert_eq!(denial(result).0, Denial::NoPassword);
}

/// Another person has registered the address between the two reads: their password must not open the old account.
#[tokio::test]
async fn an_address_that_changes_hands_meanwhile_opens_neither_account() {
    let (scene, ada) = Scene::with_ada().await;
    let eve = scene.add("eve@example.com", Some("another password")).await.unwrap();
    let hash =
        scene.stores.row("user_identities", ("identity", "email#eve@example.com")).await.unwrap()["password_hash"]
            .take();
    let mut held = scene.stores.dynamo_proxy.hold_next("TransactGetItems");
    let change = async {
        held.arrived().await;
        let hand_over = |row: &mut Value| (row["user_id"], row["password_hash"]) = (json!(eve), hash);
        scene.stores.change("user_identities", IDENTITY, hand_over).await;
        held.release();
    };
    let (result, ()) = tokio::join!(scene.log_in(EMAIL, "another password"), change);
    assert!(is_unknown(&result), "{result:?}");
    assert_ne!(ada, eve);
    assert_eq!(scene.log_in(EMAIL, "another password").await.unwrap().user_id, eve);
}

/// An identity without an account does not let a person in.
#[tokio::test]
async fn an_identity_without_its_account_lets_nobody_in() {
    let (scene, _) = Scene::with_ada().await;
    scene.stores.change("user_identities", IDENTITY, |row| row["user_id"] = json!("gone")).await;
    assert_eq!(denial(scene.log_in(EMAIL, PASSWORD).await).0, Denial::UnknownAccount);
}
