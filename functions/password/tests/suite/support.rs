use jiff::Timestamp;
use outbox::{Letter, Outbox};
use password::Password;
use scene::{Browser, COOKIE, Reply, Request, Stores};
use serde_json::json;
use session::Token;
use users::{Challenge, Email, Name, NewUser, Users};

pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "velvet-anchor tornado 93";
pub const NEW: &str = "quartz.lantern/oblivion 58";
pub const CHANGE: &str = "/password";
pub const RESET: &str = "/password/reset";
pub const CONFIRM: &str = "/password/reset/confirm";

/// The function on stores of its own, with one user.
pub struct Scene {
    scene: scene::Scene<Password>,
    pub user_id: String,
}

scene::wraps!(Scene: Password);

impl Scene {
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        let scene = scene::Scene::<Password>::with(stores, &[], now);
        let user_id = add(&scene.users(), EMAIL, Some(PASSWORD), now).await;
        Self { scene, user_id }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, scene::then()).await
    }

    /// One more browser of the user.
    pub async fn browser(&self) -> Browser {
        self.browser_of(&self.user_id).await
    }

    /// The letters about passwords that are to be sent, past the proxy.
    pub async fn letters(&self) -> Vec<Letter> {
        self.due().await.into_iter().filter(|letter| letter.matter.as_str() != "sign_in").collect()
    }

    /// How many tell of a sign-in: the browsers of these tests come from nowhere before.
    pub async fn notices(&self) -> usize {
        self.due().await.iter().filter(|letter| letter.matter.as_str() == "sign_in").count()
    }

    async fn due(&self) -> Vec<Letter> {
        Outbox::new(self.stores.dynamo_itself().clone()).due(self.now).await.expect("the letters")
    }

    /// What the mail to somebody who forgot a password holds.
    pub async fn mailed(&self, email: &str) -> Challenge {
        let email = Email::parse(email).expect("an address");
        self.users().begin_reset(&email, self.now).await.expect("an answer").expect("an account")
    }

    /// Whether the password opens the account.
    pub async fn opens(&self, password: &str) -> bool {
        let (email, password) = (Email::parse(EMAIL).expect("an address"), users::Password::parse(password));
        self.users().with_password(&email, &password.expect("a password"), self.now).await.is_ok()
    }

    pub async fn epoch(&self) -> u64 {
        self.stores.stored_account(&self.user_id).await.security_epoch
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> usize {
        self.stores.contents().await[&format!("test-{table}")].as_array().map_or(0, Vec::len)
    }
}

pub async fn add(users: &Users, email: &str, password: Option<&str>, now: Timestamp) -> String {
    let email = Email::parse(email).expect("an address");
    let password = password.map(|password| users::Password::parse(password).expect("a password"));
    users.add(NewUser { email, password, name: Name::parse("Ada").ok() }, now).await.expect("a new user")
}

/// The request of the settings page.
pub fn change(browser: &Browser, current: &str, new: &str) -> Request {
    browser.post(CHANGE).json(&json!({ "current_password": current, "new_password": new }))
}

/// The request of the page for whoever forgot a password.
pub fn forgotten(email: &str) -> Request {
    Request::post(RESET).json(&json!({ "email": email }))
}

/// The request of the page that the mail leads to.
pub fn confirm(challenge: &Challenge, new: &str) -> Request {
    Request::post(CONFIRM).json(&json!({ "token": *challenge.expose(), "new_password": new }))
}

/// The token that an answer gives to the browser.
pub fn token(reply: &Reply) -> Token {
    reply.cookie(COOKIE).and_then(Token::parse).expect("a session cookie")
}
