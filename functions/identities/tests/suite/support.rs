use identities::Identities;
use jiff::{SignedDuration, Timestamp};
use scene::{Browser, Request, Stores, settings};
use users::{Email, Federated, NewUser, Password, Passwords, Users};

pub const LIST: &str = "/identities";
pub const ONE: &str = "/identities/{id}";
pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "correct horse battery staple";

/// The function on stores of its own, with a user who comes in with a password and by a provider.
pub struct Scene {
    scene: scene::Scene<Identities>,
    pub users: Users,
    pub user_id: String,
}

scene::wraps!(Scene: Identities);

impl Scene {
    pub async fn new(stores: Stores, now: Timestamp) -> Self {
        let scene = scene::Scene::<Identities>::with(stores, &[], now);
        let users = users(&scene.stores);
        let mut scene = Self { scene, users, user_id: String::new() };
        scene.user_id = scene.add(EMAIL).await;
        scene.now += SignedDuration::from_secs(1);
        scene.link(&scene.user_id, "ada").await;
        scene
    }

    /// On DynamoDB alone, at a moment that snapshots can hold.
    pub async fn fixed() -> Self {
        Self::new(Stores::without_redis().await, scene::then()).await
    }

    pub async fn browser(&self) -> Browser {
        self.browser_of(&self.user_id).await
    }

    /// Somebody more, with a password.
    pub async fn add(&self, email: &str) -> String {
        let (email, password) = (Email::parse(email).expect("an address"), Password::parse(PASSWORD).ok());
        self.users.add(NewUser { email, password, name: None }, self.now).await.expect("a new user")
    }

    /// Gives somebody one more way in.
    pub async fn link(&self, user_id: &str, subject: &str) {
        let account = self.stores.stored_account(user_id).await;
        self.users.link(&account, &somebody(subject), Vec::new(), self.now).await.expect("a link");
    }

    /// The id of the way that this address belongs to.
    pub async fn id_of(&self, user_id: &str, email: &str) -> String {
        let mut ways = self.users.ways(user_id).await.expect("the ways").into_iter();
        ways.find(|way| way.email.as_deref() == Some(email)).expect("a way").id
    }

    /// The id of the way by the provider.
    pub async fn linked(&self) -> String {
        self.id_of(&self.user_id, "ada@id.example").await
    }

    pub async fn without_password(&self) {
        let address = ("identity", "email#ada@example.com");
        self.stores.change("user_identities", address, |row| row["password_hash"] = serde_json::Value::Null).await;
    }
}

/// The request of a page that takes a way away.
pub fn removal(browser: &Browser, id: &str) -> Request {
    browser.post(ONE).method("DELETE").parameter("id", id)
}

pub fn somebody(subject: &str) -> Federated {
    Federated {
        provider: "acme".to_owned(),
        issuer: "https://id.example".to_owned(),
        subject: subject.to_owned(),
        email: Some(format!("{subject}@id.example")),
        email_verified: true,
        name: None,
        picture: None,
    }
}

fn users(stores: &Stores) -> Users {
    let cheap = [("ARGON2_MEMORY_KIB", "8"), ("ARGON2_TIME_COST", "1")];
    let variables = cheap.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Users::new(stores.dynamo(), settings(variables.into(), Passwords::from_environment))
}
