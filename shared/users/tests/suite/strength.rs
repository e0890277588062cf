//! How passwords are kept. ASVS 11.4.2.

use crate::support::{EMAIL, PASSWORD, Scene};
use testkit::{Fault, settings};
use users::{Passwords, Users};

const IDENTITY: (&str, &str) = ("identity", "email#ada@example.com");

impl Scene {
    /// From now on passwords are hashed at other costs than usual in these tests.
    fn set_costs(&mut self, costs: &[(&str, &str)]) {
        let costs = costs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.users = Users::new(self.stores.dynamo(), settings(costs, Passwords::from_environment));
    }

    fn strengthen(&mut self) {
        self.set_costs(&[("ARGON2_MEMORY_KIB", "8"), ("ARGON2_TIME_COST", "2")]);
    }

    async fn stored_hash(&self) -> String {
        let row = self.stores.row("user_identities", IDENTITY).await.expect("the identity");
        row["password_hash"].as_str().expect("a hash").to_owned()
    }
}

/// The parameters of OWASP's Password Storage cheat sheet.
#[tokio::test]
async fn a_password_is_kept_as_a_phc_string_of_argon2id() {
    let mut scene = Scene::new().await;
    scene.set_costs(&[]);
    scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
    let hash = scene.stored_hash().await;
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    scene.add("eve@example.com", Some(PASSWORD)).await.unwrap();
    let eve = scene.stores.row("user_identities", ("identity", "email#eve@example.com")).await.unwrap();
    assert_ne!(eve["password_hash"], hash.as_str(), "a salt of its own");
    scene.log_in(EMAIL, PASSWORD).await.unwrap();
}

/// Only when a person has shown the password, and only once.
#[tokio::test]
async fn a_weak_hash_is_replaced_by_a_strong_one() {
    let (mut scene, _) = Scene::with_ada().await;
    let weak = scene.stored_hash().await;
    scene.strengthen();
    scene.log_in(EMAIL, "wrong password").await.unwrap_err();
    assert_eq!(scene.stored_hash().await, weak);
    scene.log_in(EMAIL, PASSWORD).await.unwrap();
    let strong = scene.stored_hash().await;
    assert!(strong.starts_with("$argon2id$v=19$m=8,t=2,p=1$"));
    scene.log_in(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(scene.stored_hash().await, strong);
}

/// For example a hash from before the parameters were lowered, or from another system.
#[tokio::test]
async fn a_strong_hash_is_not_replaced_by_a_cheaper_one() {
    for (memory, time) in [("8", "3"), ("64", "1")] {
        let mut scene = Scene::new().await;
        scene.set_costs(&[("ARGON2_MEMORY_KIB", memory), ("ARGON2_TIME_COST", time)]);
        scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
        let strong = scene.stored_hash().await;
        scene.strengthen();
        scene.log_in(EMAIL, PASSWORD).await.unwrap();
        assert_eq!(scene.stored_hash().await, strong);
    }
}

#[tokio::test]
async fn a_weak_hash_of_a_disabled_account_stays() {
    let (mut scene, user_id) = Scene::with_ada().await;
    scene.stores.change("users", ("user_id", &user_id), |row| row["status"] = "disabled".into()).await;
    scene.strengthen();
    scene.log_in(EMAIL, PASSWORD).await.unwrap_err();
    assert_eq!(scene.stores.dynamo_proxy.calls_of("UpdateItem"), 0);
}

/// The old password must not overwrite a new one.
#[tokio::test]
async fn a_replacement_gives_way_to_a_password_change() {
    let (mut scene, user_id) = Scene::with_ada().await;
    scene.strengthen();
    let mut held = scene.stores.dynamo_proxy.hold_next("UpdateItem");
    let change = async {
        held.arrived().await;
        scene.stores.change("user_identities", IDENTITY, |row| row["password_hash"] = "$changed".into()).await;
        held.release();
    };
    let (opened, ()) = tokio::join!(scene.log_in(EMAIL, PASSWORD), change);
    assert_eq!(opened.unwrap().user_id, user_id, "the password was right when it was read");
    assert_eq!(scene.stored_hash().await, "$changed");
}

#[tokio::test]
async fn a_replacement_that_fails_costs_nothing() {
    let (mut scene, user_id) = Scene::with_ada().await;
    scene.strengthen();
    scene.stores.dynamo_proxy.break_all(Some("UpdateItem"), Fault::Fail);
    assert_eq!(scene.log_in(EMAIL, PASSWORD).await.unwrap().user_id, user_id);
}
