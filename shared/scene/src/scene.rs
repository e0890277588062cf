use crate::{Browser, Reply, Request, Stores, settings, then};
use edge::Function;
use jiff::{SignedDuration, Timestamp};
use session::{Policy, Sessions, Slide, Token};
use users::{Passwords, Users};

/// A function as its program wires it, on its own stores, with a clock that the test sets.
pub struct Scene<F> {
    /// The stores.
    pub stores: Stores,
    /// The function.
    pub function: F,
    /// The present.
    pub now: Timestamp,
}

impl<F: Function> Scene<F> {
    /// With the users `ada` and `bob`, whom only [`browser_of`](Self::browser_of) can sign in.
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        for user_id in ["ada", "bob"] {
            stores.account(user_id).await;
        }
        Self::with(stores, &[], now)
    }

    /// Without users; these variables take precedence over those of the tests.
    pub fn with(stores: Stores, more: &[(String, String)], now: Timestamp) -> Self {
        let function = stores.wired(F::wire, more);
        Self { stores, function, now }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, then()).await
    }

    /// The answer of the function.
    pub async fn ask(&self, request: &Request) -> Reply {
        request.send(&self.function, self.now).await
    }

    /// Lets time pass.
    pub fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    /// The sessions as another function sees them.
    pub fn sessions(&self) -> Sessions {
        self.stores.sessions(Policy::default())
    }

    /// The accounts as an operator has them: what is asked of the stores here is not taken for a call of the function.
    ///
    /// # Panics
    /// Never: the settings are sound.
    pub fn users(&self) -> Users {
        let cheap = [("ARGON2_MEMORY_KIB", "8"), ("ARGON2_TIME_COST", "1")];
        let cheap = cheap.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Users::new(self.stores.dynamo(), settings(cheap.into(), Passwords::from_environment))
    }

    /// One more browser of Ada's.
    pub async fn browser(&self) -> Browser {
        self.browser_of("ada").await
    }

    /// One more browser of this user.
    pub async fn browser_of(&self, user_id: &str) -> Browser {
        Browser::sign_in(&self.stores, &self.sessions(), user_id, self.now).await
    }

    /// One of Ada's browsers that signed in this many seconds ago: Redis counts down by its own clock, which tests
    /// cannot set.
    pub async fn browser_since(&self, seconds: i64) -> Browser {
        let then = self.now - SignedDuration::from_secs(seconds);
        Browser::sign_in(&self.stores, &self.sessions(), "ada", then).await
    }

    /// Whether the session of this token lives.
    pub async fn lives(&self, token: &Token) -> bool {
        self.sessions().authenticate(token, Slide::No, self.now).await.expect("stores").is_some()
    }
}
