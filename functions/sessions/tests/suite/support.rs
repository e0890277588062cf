use scene::{Browser, Request};
use session::{Client, Login, RefreshToken};
use sessions::Listing;

pub const ALL: &str = "/sessions";
pub const ONE: &str = "/sessions/{id}";

pub type Scene = scene::Scene<Listing>;

/// One more device of Ada's.
pub async fn phone(scene: &Scene) -> RefreshToken {
    let client = Client { ip: Some("203.0.113.9".to_owned()), user_agent: Some("App/1.0".to_owned()), browser: None };
    let account = scene.stores.stored_account("ada").await;
    let login = Login { account, auth_method: "password".to_owned(), client, presented: None };
    scene.sessions().create_device(login, "Ada's phone".to_owned(), scene.now).await.unwrap().0
}

/// A request that nothing is wrong with, to end the other's session.
pub fn end(browser: &Browser, id: &str) -> Request {
    browser.post(ONE).method("DELETE").parameter("id", id)
}

/// A request that nothing is wrong with, to end all others.
pub fn end_others(browser: &Browser) -> Request {
    browser.post(ALL).method("DELETE")
}
