use device::Device;
use jiff::Timestamp;
use outbox::Outbox;
use scene::{KeyService, PUBLIC_URL, Reply, Request, Stores, settings};
use serde_json::{Value, json};
use tokens::{Kms, Tokens};
use users::{Email, Name, NewUser, Password};

pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "correct horse battery staple";
pub const LOGIN: &str = "/device/login";
pub const REFRESH: &str = "/device/refresh";
pub const LOGOUT: &str = "/device/logout";

/// The function on stores of its own, with one user.
pub struct Scene {
    scene: scene::Scene<Device>,
    pub user_id: String,
}

scene::wraps!(Scene: Device);

impl Scene {
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        let scene = scene::Scene::<Device>::with(stores, &[], now);
        let email = Email::parse(EMAIL).unwrap();
        let password = Some(Password::parse(PASSWORD).unwrap());
        let new = NewUser { email, password, name: Name::parse("Ada").ok() };
        let user_id = scene.users().add(new, now).await.unwrap();
        Self { scene, user_id }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, scene::then()).await
    }

    pub fn outbox(&self) -> Outbox {
        Outbox::new(self.stores.dynamo())
    }

    /// Signs a phone in, and returns its refresh token.
    pub async fn phone(&self) -> String {
        let reply = self.ask(&credentials(EMAIL, PASSWORD)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        member(&reply, "refresh_token")
    }
}

/// One more instance of the function.
pub fn function(stores: &Stores) -> Device {
    stores.wired(<Device as edge::Function>::wire, &[])
}

/// An instance whose new keys are wrapped by this key of KMS.
pub fn wrapping(stores: &Stores, kms: &KeyService, key_id: &str) -> Device {
    let variables = [("PUBLIC_URL", PUBLIC_URL), ("SIGNING_KEY_WRAP", key_id)];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let tokens = Tokens::new(settings(variables, tokens::Settings::from_environment), stores.dynamo());
    Device { tokens: tokens.with(Kms::with(&kms.sdk_config())), ..function(stores) }
}

/// The request of an app: no page stands behind it.
pub fn app(route: &str, body: &Value) -> Request {
    Request::post(route).without("origin").without("sec-fetch-site").json(body)
}

pub fn credentials(email: &str, password: &str) -> Request {
    app(LOGIN, &json!({ "email": email, "password": password, "device_name": "Ada's phone" }))
}

pub fn refresh(token: &str) -> Request {
    app(REFRESH, &json!({ "refresh_token": token }))
}

pub fn logout(token: &str) -> Request {
    app(LOGOUT, &json!({ "refresh_token": token }))
}

/// A member of an answer.
pub fn member(reply: &Reply, name: &str) -> String {
    reply.json()[name].as_str().unwrap_or_else(|| panic!("{name} in {reply:?}")).to_owned()
}
