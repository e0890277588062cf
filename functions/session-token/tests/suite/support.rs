use jiff::{SignedDuration, Timestamp};
use session::{Policy, Sessions};
use session_token::SessionToken;
use testkit::{Browser, KeyService, PUBLIC_URL, Reply, Request, Stores, gate, settings};
use tokens::{Kms, Tokens};

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
    SessionToken::new(gate(), stores.sessions(Policy::default()), tokens(stores, ""))
}

/// An instance whose new keys are wrapped by this key of KMS.
pub fn wrapping(stores: &Stores, kms: &KeyService, key_id: &str) -> SessionToken {
    let tokens = tokens(stores, key_id).with(Kms::with(&kms.sdk_config()));
    SessionToken::new(gate(), stores.sessions(Policy::default()), tokens)
}

fn tokens(stores: &Stores, wrap: &str) -> Tokens {
    let variables = [("PUBLIC_URL", PUBLIC_URL), ("TOKEN_AUDIENCES", "api,reports"), ("SIGNING_KEY_WRAP", wrap)];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Tokens::new(settings(variables.into(), tokens::Config::from_environment), stores.dynamo())
}
