use jiff::Timestamp;
use scene::{KeyService, PUBLIC_URL, Stores, settings};
use session_token::SessionToken;
use tokens::{Kms, Settings, Tokens};

pub const ROUTE: &str = "/session/token";

pub type Scene = scene::Scene<SessionToken>;

const AUDIENCES: (&str, &str) = ("TOKEN_AUDIENCES", "api,reports");

/// The function, which mints for two audiences.
pub async fn scene(stores: Stores, now: Timestamp) -> Scene {
    for user_id in ["ada", "bob"] {
        stores.account(user_id).await;
    }
    Scene::with(stores, &[(AUDIENCES.0.to_owned(), AUDIENCES.1.to_owned())], now)
}

/// On DynamoDB alone, at a moment that snapshots can hold.
pub async fn fixed() -> Scene {
    scene(Stores::without_redis().await, scene::then()).await
}

/// One more instance of the function.
pub fn function(stores: &Stores) -> SessionToken {
    stores.wired(<SessionToken as edge::Function>::wire, &[])
}

/// An instance whose new keys are wrapped by this key of KMS.
pub fn wrapping(stores: &Stores, kms: &KeyService, key_id: &str) -> SessionToken {
    let variables = [("PUBLIC_URL", PUBLIC_URL), AUDIENCES, ("SIGNING_KEY_WRAP", key_id)];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let tokens = Tokens::new(settings(variables.into(), Settings::from_environment), stores.dynamo());
    SessionToken { tokens: tokens.with(Kms::with(&kms.sdk_config())), ..function(stores) }
}
