use jiff::{SignedDuration, Timestamp};
use me::Me;
use session::{Policy, Sessions};
use testkit::{Browser, Reply, Request, Stores, gate};

/// The function on stores of its own, with the user `ada`.
pub struct Scene {
    pub stores: Stores,
    pub me: Me,
    pub now: Timestamp,
}

impl Scene {
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        stores.account("ada").await;
        let me = Me::new(gate(), stores.sessions(Policy::default()));
        Self { stores, me, now }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, testkit::then()).await
    }

    pub async fn ask(&self, request: &Request) -> Reply {
        request.send(&self.me, self.now).await
    }

    /// Lets time pass.
    pub fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub fn sessions(&self) -> Sessions {
        self.stores.sessions(Policy::default())
    }

    /// One more device of the user.
    pub async fn browser(&self) -> Browser {
        self.browser_since(0).await
    }

    /// One that signed in some seconds ago: Redis counts down by its own clock, which no test can set.
    pub async fn browser_since(&self, seconds: i64) -> Browser {
        let then = self.now - SignedDuration::from_secs(seconds);
        Browser::sign_in(&self.stores, &self.sessions(), "ada", then).await
    }
}
