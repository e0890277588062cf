//! What a sign-in asks of the stores, and which of it waits for what.

use crate::support::{EMAIL, PASSWORD, Scene, credentials};
use scene::{Request, Stores, costs_what_is_written, now};

impl Scene {
    /// The answer's status, and the steps of the stores' commands.
    async fn steps(&self, request: &Request) -> (u16, Vec<Vec<String>>) {
        let (reply, steps) = self.stores.in_steps(self.ask(request)).await;
        (reply.status, steps)
    }
}

#[tokio::test]
async fn a_login_from_a_new_address() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (status, steps) = scene.steps(&credentials(EMAIL, PASSWORD)).await;
    costs_what_is_written("login from a new address", &steps);
    assert_eq!(status, 200);
}

/// Strangers cannot keep the owner out there, so their counters are not asked.
#[tokio::test]
async fn a_login_from_where_the_owner_is_known() {
    let scene = Scene::new(Stores::start().await, now()).await;
    scene.sign_in().await;
    let (status, steps) = scene.steps(&credentials(EMAIL, PASSWORD)).await;
    costs_what_is_written("login", &steps);
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_login_over_a_live_cookie() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let browser = scene.sign_in().await;
    let request = browser.with_cookie(credentials(EMAIL, PASSWORD)).header("x-csrf-token", &browser.token.csrf());
    let (status, steps) = scene.steps(&request).await;
    costs_what_is_written("login over a live cookie", &steps);
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_wrong_password() {
    let scene = Scene::new(Stores::start().await, now()).await;
    let (status, steps) = scene.steps(&credentials(EMAIL, "wrong password")).await;
    costs_what_is_written("wrong password, new address", &steps);
    assert_eq!(status, 401);
    scene.sign_in().await;
    let (status, steps) = scene.steps(&credentials(EMAIL, "wrong password")).await;
    costs_what_is_written("wrong password", &steps);
    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_try_too_many() {
    let scene = Scene::new(Stores::start().await, now()).await;
    for _ in 0..5 {
        scene.ask(&credentials(EMAIL, "wrong password")).await;
    }
    let (status, steps) = scene.steps(&credentials(EMAIL, PASSWORD)).await;
    costs_what_is_written("login, too many tries", &steps);
    assert_eq!(status, 429);
}
