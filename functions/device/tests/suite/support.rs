use device::Device;
use jiff::{SignedDuration, Timestamp};
use notice::Notice;
use outbox::Outbox;
use serde_json::{Value, json};
use session::{Policy, Sessions};
use testkit::{KeyService, PUBLIC_URL, Reply, Request, Stores, gate, settings};
use throttle::Throttle;
use tokens::{Kms, Tokens};
use users::{Email, Name, NewUser, Password, Passwords, Users};

pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "correct horse battery staple";
pub const LOGIN: &str = "/device/login";
pub const REFRESH: &str = "/device/refresh";
pub const LOGOUT: &str = "/device/logout";

/// The function on stores of its own, with one user.
pub struct Scene {
    pub stores: Stores,
    pub device: Device,
    pub user_id: String,
    pub now: Timestamp,
}

impl Scene {
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        let device = function(&stores);
        let email = Email::parse(EMAIL).unwrap();
        let password = Some(Password::parse(PASSWORD).unwrap());
        let user_id = device.users.add(NewUser { email, password, name: Name::parse("Ada").ok() }, now).await.unwrap();
        Self { stores, device, user_id, now }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, testkit::then()).await
    }

    pub async fn ask(&self, request: &Request) -> Reply {
        request.send(&self.device, self.now).await
    }

    pub fn outbox(&self) -> Outbox {
        Outbox::new(self.stores.dynamo())
    }

    /// Lets time pass.
    pub fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    /// Signs a phone in, and returns its refresh token.
    pub async fn phone(&self) -> String {
        let reply = self.ask(&credentials(EMAIL, PASSWORD)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        member(&reply, "refresh_token")
    }

    pub fn sessions(&self) -> Sessions {
        self.stores.sessions(Policy::default())
    }
}

/// One more instance of the function.
pub fn function(stores: &Stores) -> Device {
    let cheap = [("ARGON2_MEMORY_KIB", "8"), ("ARGON2_TIME_COST", "1"), ("PUBLIC_URL", PUBLIC_URL)];
    let variables: Vec<_> = cheap.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Device {
        gate: gate(),
        throttle: Throttle::new(stores.dynamo()),
        users: Users::new(stores.dynamo(), settings(variables.clone(), Passwords::from_environment)),
        sessions: stores.sessions(Policy::default()),
        tokens: Tokens::new(settings(variables, tokens::Config::from_environment), stores.dynamo()),
        notice: notice(stores),
    }
}

/// An instance whose new keys are wrapped by this key of KMS.
pub fn wrapping(stores: &Stores, kms: &KeyService, key_id: &str) -> Device {
    let variables = [("PUBLIC_URL", PUBLIC_URL), ("SIGNING_KEY_WRAP", key_id)];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let tokens = Tokens::new(settings(variables, tokens::Config::from_environment), stores.dynamo());
    Device { tokens: tokens.with(Kms::with(&kms.sdk_config())), ..function(stores) }
}

fn notice(stores: &Stores) -> Notice {
    let settings = settings(Vec::new(), |environment| Some(notice::Settings::from_environment(environment)));
    Notice::new(settings, Outbox::new(stores.dynamo()))
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
