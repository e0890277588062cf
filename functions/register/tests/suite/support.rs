use jiff::Timestamp;
use outbox::{Letter, Matter, Outbox};
use register::Register;
use scene::{Browser, COOKIE, Reply, Request, Stores};
use serde_json::json;
use session::Token;
use users::{Challenge, Email, NewUser, Password, Registration};

pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "velvet-anchor tornado 93";
pub const REGISTER: &str = "/register";
pub const VERIFY: &str = "/register/verify";
pub const REGISTRATION: &str = "__Host-registration";
pub const BROWSER: &str = "__Host-browser";

/// The function on stores of its own, where nobody has an account yet.
pub struct Scene {
    scene: scene::Scene<Register>,
}

scene::wraps!(Scene: Register);

impl Scene {
    pub fn new(stores: Stores, now: Timestamp) -> Self {
        Self { scene: scene::Scene::with(stores, &[], now) }
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, scene::then())
    }

    /// The letters that are to be sent, past the proxy.
    pub async fn letters(&self) -> Vec<Letter> {
        Outbox::new(self.stores.dynamo_itself().clone()).due(self.now).await.expect("the letters")
    }

    /// Asks for an account, and returns what the mail holds.
    pub async fn mailed(&self, email: &str) -> Challenge {
        let email = Email::parse(email).expect("an address");
        let reply = self.ask(&wanted(email.as_str(), PASSWORD)).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        let letter = self.letters().await.pop().expect("a letter");
        let Matter::Register { password_hash, name, browser } = letter.matter else {
            panic!("another letter: {letter:?}")
        };
        let asked = Registration { password_hash, name, browser };
        let begun = self.users().begin_registration(&email, asked, self.now).await;
        begun.expect("an answer").expect("a free address")
    }

    /// An account made by somebody else.
    pub async fn add(&self, email: &str, password: Option<&str>) -> String {
        let email = Email::parse(email).expect("an address");
        let password = password.map(|password| Password::parse(password).expect("a password"));
        self.users().add(NewUser { email, password, name: None }, self.now).await.expect("a new user")
    }

    /// Whether the password opens the account.
    pub async fn opens(&self, email: &str, password: &str) -> bool {
        let (email, password) = (Email::parse(email).expect("an address"), Password::parse(password));
        self.users().with_password(&email, &password.expect("a password"), self.now).await.is_ok()
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> usize {
        self.stores.contents().await[&format!("test-{table}")].as_array().map_or(0, Vec::len)
    }

    /// The browser of a new user.
    pub async fn browser(&self, user_id: &str) -> Browser {
        self.stores.account(user_id).await;
        self.browser_of(user_id).await
    }
}

/// What the browser keeps that asks for accounts.
pub fn registrant() -> Token {
    Token::parse(&format!("{}Q", "R".repeat(42))).expect("a value")
}

/// The request of the sign-up page.
pub fn wanted(email: &str, password: &str) -> Request {
    let body = json!({ "email": email, "password": password, "name": "Ada" });
    Request::post(REGISTER).json(&body).cookie(REGISTRATION, &registrant().expose())
}

/// The request of the page that the mail leads to, in the same browser.
pub fn proof(challenge: &Challenge) -> Request {
    elsewhere(challenge, None).cookie(REGISTRATION, &registrant().expose())
}

/// The request of that page in another browser, with a password or without.
pub fn elsewhere(challenge: &Challenge, password: Option<&str>) -> Request {
    let token = challenge.expose();
    Request::post(VERIFY).json(&match password {
        Some(password) => json!({ "token": *token, "password": password }),
        None => json!({ "token": *token }),
    })
}

/// The token that an answer gives to the browser.
pub fn token(reply: &Reply) -> Token {
    reply.cookie(COOKIE).and_then(Token::parse).expect("a session cookie")
}
