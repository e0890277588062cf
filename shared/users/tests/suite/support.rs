use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::Timestamp;
use session::{Account, Client, Login, Policy, Sessions, Slide, Token};
use testkit::{Stores, now, settings};
use users::{Challenge, Denial, Email, Error, Federated, NewUser, Password, Passwords, Registration, Users};

pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "correct horse battery staple";
pub const ISSUER: &str = "https://id.example";

pub struct Scene {
    pub stores: Stores,
    pub users: Users,
}

impl Scene {
    pub async fn new() -> Self {
        Self::on(Stores::without_redis().await)
    }

    pub fn on(stores: Stores) -> Self {
        let cheap = [("ARGON2_MEMORY_KIB", "8"), ("ARGON2_TIME_COST", "1")];
        let cheap = cheap.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let passwords = settings(cheap.into(), Passwords::from_environment);
        let users = Users::new(stores.dynamo(), passwords);
        Self { stores, users }
    }

    /// A scene with one account that has a password.
    pub async fn with_ada() -> (Self, String) {
        let scene = Self::new().await;
        let user_id = scene.add(EMAIL, Some(PASSWORD)).await.expect("a new user");
        (scene, user_id)
    }

    pub async fn add(&self, email: &str, password: Option<&str>) -> Result<String, Error> {
        let password = password.map(|password| Password::parse(password).expect("a password"));
        self.users.add(NewUser { email: address(email), password, name: None }, now()).await
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Result<Account, Error> {
        self.users.with_password(&address(email), &Password::parse(password).expect("a password"), now()).await
    }

    pub fn sessions(&self) -> Sessions {
        self.stores.sessions(Policy::default())
    }

    /// Signs a user in, as `login` does.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Token, Error> {
        let account = self.log_in(email, password).await?;
        let (auth_method, client) = ("password".to_owned(), Client::default());
        let login = Login { account, auth_method, client, presented: None };
        Ok(self.sessions().create(login, now()).await?.0)
    }

    pub async fn lives(&self, token: &Token) -> bool {
        self.sessions().authenticate(token, Slide::No, now()).await.expect("an answer").is_some()
    }

    /// What the mail to a new address holds.
    pub async fn mailed(&self, email: &str, password: &str) -> Challenge {
        let hash = self.users.hash(&secret(password)).await.expect("a hash");
        let begun = self.users.begin_registration(&address(email), asked(hash, &registrant()), now()).await;
        begun.expect("an answer").expect("a free address")
    }

    /// Opens the mail's link in the browser that asked for the account.
    pub async fn register(&self, mail: &Challenge, at: Timestamp) -> Result<Account, Error> {
        self.register_in(Some(&registrant()), mail, None, at).await
    }

    /// Opens it in this browser, with a password or without.
    pub async fn register_in(
        &self,
        browser: Option<&Token>,
        mail: &Challenge,
        password: Option<&str>,
        at: Timestamp,
    ) -> Result<Account, Error> {
        let invitation = self.users.invitation(mail, browser, at).await?;
        self.users.register(&invitation, password.map(secret).as_ref(), at).await
    }

    /// What the mail to a person who forgot a password holds.
    pub async fn reset_mail(&self, email: &str) -> Challenge {
        self.users.begin_reset(&address(email), now()).await.expect("an answer").expect("an account")
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> usize {
        self.stores.contents().await[&format!("test-{table}")].as_array().map_or(0, Vec::len)
    }
}

/// The value kept by the browser in which people register here.
pub fn registrant() -> Token {
    Token::parse(&format!("{}Q", "R".repeat(42))).expect("a value")
}

/// What this browser sends when it asks for an account.
pub fn asked(password_hash: String, browser: &Token) -> Registration {
    Registration { password_hash, name: Some("Ada".to_owned()), browser: Some(browser.id().to_string()) }
}

pub fn secret(password: &str) -> Password {
    Password::parse(password).expect("a password")
}

pub fn address(email: &str) -> Email {
    Email::parse(email).expect("an address")
}

/// A person with a proven address whom an honest provider vouches for.
pub fn somebody(subject: &str, email: &str) -> Federated {
    Federated {
        provider: "acme".to_owned(),
        issuer: ISSUER.to_owned(),
        subject: subject.to_owned(),
        email: Some(email.to_owned()),
        email_verified: true,
        name: Some("Ada".to_owned()),
        picture: Some("https://id.example/ada.png".to_owned()),
    }
}

pub fn denial<T: std::fmt::Debug>(result: Result<T, Error>) -> (Denial, Option<String>) {
    match result {
        Err(Error::Denied { denial, user_id }) => (denial, user_id),
        other => panic!("not denied: {other:?}"),
    }
}

/// A write that stands for a letter.
pub fn letter(to: &Email) -> Result<TransactWriteItem, dynamo::Error> {
    let put = Put::builder().table_name("test-outbox").item("mail_id", dynamo::text(to.as_str())).build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Whether the store could not tell.
pub fn is_unknown<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Store(_) | Error::Session(session::Error::Store(_)) | Error::Hash(_)))
}
