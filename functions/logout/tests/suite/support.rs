use jiff::Timestamp;
use logout::Logout;
use session::{Policy, Sessions, Slide, Token};
use testkit::{Browser, Reply, Request, Stores, gate};

pub const ROUTES: [&str; 2] = ["/logout", "/logout/all"];

/// The function on stores of its own, with the user `ada`.
pub struct Scene {
    pub stores: Stores,
    pub logout: Logout,
    pub now: Timestamp,
}

impl Scene {
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        stores.account("ada").await;
        let logout = Logout::new(gate(), stores.sessions(Policy::default()));
        Self { stores, logout, now }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, testkit::then()).await
    }

    pub async fn ask(&self, request: &Request) -> Reply {
        request.send(&self.logout, self.now).await
    }

    pub fn sessions(&self) -> Sessions {
        self.stores.sessions(Policy::default())
    }

    /// One more device of the user.
    pub async fn browser_of(&self, user_id: &str) -> Browser {
        Browser::sign_in(&self.stores, &self.sessions(), user_id, self.now).await
    }

    pub async fn browser(&self) -> Browser {
        self.browser_of("ada").await
    }

    pub async fn lives(&self, token: &Token) -> bool {
        self.sessions().authenticate(token, Slide::No, self.now).await.expect("stores").is_some()
    }
}
