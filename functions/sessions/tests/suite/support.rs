use jiff::{SignedDuration, Timestamp};
use session::{Client, Login, Policy, RefreshToken, Sessions};
use sessions::Listing;
use testkit::{Browser, Reply, Request, Stores, gate};

/// The function on stores of its own, with the users `ada` and `bob`.
pub struct Scene {
    pub stores: Stores,
    pub listing: Listing,
    pub now: Timestamp,
}

pub const ALL: &str = "/sessions";
pub const ONE: &str = "/sessions/{id}";

impl Scene {
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        stores.account("ada").await;
        stores.account("bob").await;
        let listing = Listing::new(gate(), stores.sessions(Policy::default()));
        Self { stores, listing, now }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, testkit::then()).await
    }

    pub async fn ask(&self, request: &Request) -> Reply {
        request.send(&self.listing, self.now).await
    }

    /// Lets time pass.
    pub fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub fn sessions(&self) -> Sessions {
        self.stores.sessions(Policy::default())
    }

    /// One more browser of the user.
    pub async fn browser(&self, user_id: &str) -> Browser {
        Browser::sign_in(&self.stores, &self.sessions(), user_id, self.now).await
    }

    /// One more device of Ada's.
    pub async fn phone(&self) -> RefreshToken {
        let client =
            Client { ip: Some("203.0.113.9".to_owned()), user_agent: Some("App/1.0".to_owned()), browser: None };
        let account = self.stores.stored_account("ada").await;
        let login = Login { account, auth_method: "password".to_owned(), client, presented: None };
        self.sessions().create_device(login, "Ada's phone".to_owned(), self.now).await.unwrap().0
    }

    /// Whether the browser is signed in.
    pub async fn is_alive(&self, browser: &Browser) -> bool {
        self.sessions().authenticate(&browser.token, session::Slide::No, self.now).await.unwrap().is_some()
    }
}

/// A request that nothing is wrong with, to end the other's session.
pub fn end(browser: &Browser, id: &str) -> Request {
    browser.post(ONE).method("DELETE").parameter("id", id)
}

/// A request that nothing is wrong with, to end all others.
pub fn end_others(browser: &Browser) -> Request {
    browser.post(ALL).method("DELETE")
}
