//! What is deleted with an account, and what stays.

use crate::support::{EMAIL, PASSWORD, Scene, somebody};
use serde_json::json;
use testkit::now;
use users::Federated;

impl Scene {
    pub async fn erase(&self, user_id: &str) {
        self.stores.change("users", ("user_id", user_id), |row| row["status"] = json!("disabled")).await;
        let account = self.users.by_id(user_id).await.unwrap().unwrap();
        self.users.erase(&account, || {}).await.unwrap();
    }
}

/// The user only claimed the address; its owner has asked for an account meanwhile.
#[tokio::test]
async fn what_was_mailed_to_an_unproven_address_outlives_whoever_claimed_it() {
    let scene = Scene::new().await;
    let unproven = Federated { email_verified: false, ..somebody("squatter", EMAIL) };
    let (squatter, _) = scene.enter(&unproven).await.unwrap();
    let mail = scene.mailed(EMAIL, PASSWORD).await;
    scene.erase(&squatter).await;
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (0, 0));
    scene.register(&mail, now()).await.unwrap();
    assert!(scene.log_in(EMAIL, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn what_was_mailed_to_a_user_goes_with_the_account() {
    let scene = Scene::new().await;
    scene.mailed(EMAIL, PASSWORD).await;
    let user_id = scene.add(EMAIL, Some(PASSWORD)).await.unwrap();
    scene.reset_mail(EMAIL).await;
    scene.mailed("eve@example.com", PASSWORD).await;
    scene.erase(&user_id).await;
    let left = scene.stores.contents().await["test-challenges"].clone();
    assert_eq!((left.as_array().unwrap().len(), &left[0]["email"]), (1, &json!("eve@example.com")));
    assert_eq!((scene.count("users").await, scene.count("user_identities").await), (0, 0));
}
