//! `GET /health`, asked with real events on real stores.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has to stop there")]

mod answers;
mod costs;
mod faults;
mod hostile;
mod laws;

use edge::Function;
use health::Health;
use jiff::{SignedDuration, Timestamp};
use scene::{Reply, Request, Stores, then};

const ROUTE: &str = "/health";

/// The function on stores of its own.
struct Scene {
    stores: Stores,
    health: Health,
}

impl Scene {
    fn on(stores: Stores) -> Self {
        let health = stores.wired(Health::wire, &[]);
        Self { stores, health }
    }

    /// On both stores.
    async fn new() -> Self {
        Self::on(Stores::start().await)
    }

    async fn ask(&self) -> Reply {
        self.ask_after(0).await
    }

    /// Asks this many milliseconds after the start.
    async fn ask_after(&self, milliseconds: i64) -> Reply {
        self.send(&Request::get(ROUTE), then() + SignedDuration::from_millis(milliseconds)).await
    }

    async fn send(&self, request: &Request, now: Timestamp) -> Reply {
        request.send(&self.health, now).await
    }
}
