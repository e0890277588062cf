use jiff::{SignedDuration, Timestamp};
use session::{Policy, Sessions};
use session_token::SessionToken;
use testkit::{Browser, PUBLIC_URL, Reply, Request, Stores, gate, settings};
use tokens::Tokens;

/// The function on stores of its own, with the user `ada`.
pub struct Scene {
    pub stores: Stores,
    pub session_token: SessionToken,
    pub now: Timestamp,
}

pub const ROUTE: &str = "/session/token";

impl Scene {
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        stores.account("ada").await;
        let session_token = function(&stores);
        Self { stores, session_token, now }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, testkit::then()).await
    }

    pub async fn ask(&self, request: &Request) -> Reply {
        request.send(&self.session_token, self.now).await
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
        Browser::sign_in(&self.stores, &self.sessions(), "ada", self.now).await
    }
}

/// One more instance of the function.
pub fn function(stores: &Stores) -> SessionToken {
    let variables = [("PUBLIC_URL", PUBLIC_URL), ("TOKEN_AUDIENCES", "api,reports")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let tokens = Tokens::new(settings(variables.into(), tokens::Config::from_environment), stores.dynamo());
    SessionToken::new(gate(), stores.sessions(Policy::default()), tokens)
}
