use serde_json::Value;
use session::{Policy, Sessions, Slide, Token};
use std::process::Stdio;
use testkit::{Stores, now, settings};
use tokio::process::Command;
use users::{Email, Federated, Name, NewUser, Password, Passwords, Users};

pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "correct horse battery staple";
const COSTS: [(&str, &str); 2] = [("ARGON2_MEMORY_KIB", "8"), ("ARGON2_TIME_COST", "1")];

/// The test's own stores, with the user Ada.
pub struct Scene {
    pub stores: Stores,
    pub users: Users,
    pub ada: String,
}

/// The result of a run of the program.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Scene {
    pub async fn new() -> Self {
        let stores = Stores::start().await;
        let variables = COSTS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let users = Users::new(stores.dynamo(), settings(variables.into(), Passwords::from_environment));
        let mut scene = Self { stores, users, ada: String::new() };
        scene.ada = scene.add(EMAIL).await;
        scene
    }

    pub async fn add(&self, email: &str) -> String {
        let (email, password) = (Email::parse(email).expect("an address"), Password::parse(PASSWORD).ok());
        self.users.add(NewUser { email, password, name: Name::parse("Ada").ok() }, now()).await.expect("a new user")
    }

    pub fn sessions(&self) -> Sessions {
        self.stores.sessions(Policy::default())
    }

    pub async fn sign_in(&self, user_id: &str) -> Token {
        self.stores.sign_in(&self.sessions(), user_id, now()).await
    }

    pub async fn lives(&self, token: &Token) -> bool {
        self.sessions().authenticate(token, Slide::No, now()).await.expect("stores").is_some()
    }

    pub async fn link(&self, user_id: &str, subject: &str) {
        let account = self.stores.stored_account(user_id).await;
        self.users.link(&account, &somebody(subject), Vec::new(), now()).await.expect("a link");
    }

    /// Whether the password opens the account.
    pub async fn opens(&self, email: &str, password: &str) -> bool {
        let (email, password) = (Email::parse(email).expect("an address"), Password::parse(password).expect("one"));
        self.users.with_password(&email, &password, now()).await.is_ok()
    }

    /// Every row of every table that holds this text.
    pub async fn rows_about(&self, text: &str) -> Vec<Value> {
        let contents = self.stores.contents().await;
        let tables = contents.iter().filter(|(name, _)| name.starts_with("test-"));
        let rows = tables.flat_map(|(_, rows)| rows.as_array().cloned().unwrap_or_default());
        rows.filter(|row| row.to_string().contains(text)).collect()
    }

    /// Runs the program with the variables of this deployment and those in `more`.
    pub async fn run_with(&self, arguments: &[&str], more: &[(&str, &str)]) -> Run {
        let redis = self.stores.redis_proxy.as_ref().expect("Redis").url();
        let endpoint = self.stores.dynamo_proxy.endpoint();
        let variables = [
            ("AWS_ENDPOINT_URL_DYNAMODB", &*endpoint),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("APP_URL", testkit::APP_URL),
            ("HOSTNAME", "desk"),
            ("PUBLIC_URL", testkit::PUBLIC_URL),
            ("REDIS_URL", &redis),
            ("TABLE_PREFIX", "test-"),
            ("USER", "olga"),
        ];
        let variables = variables.iter().chain(&COSTS).chain(more).copied();
        let mut command = Command::new(env!("CARGO_BIN_EXE_admin"));
        command.env_clear().envs(variables).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
        let output = command.output().await.expect("the program");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Run { code: output.status.code().expect("a code"), out: text(output.stdout), err: text(output.stderr) }
    }

    pub async fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[]).await
    }

    /// The audit events of a run, each of which names the operator.
    pub fn events(run: &Run) -> Vec<Value> {
        let lines = run.err.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let events: Vec<_> = lines.filter(|line| line["target"] == "audit").collect();
        assert!(events.iter().all(|event| event["operator"] == "olga@desk"), "{run:?}");
        events
    }

    /// Runs a command that must succeed.
    pub async fn does(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments).await;
        assert_eq!(run.code, 0, "{run:?}");
        run
    }

    /// A list in the form for programs.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        let run = self.does(&[arguments, &["--format", "json"]].concat()).await;
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"))
    }
}

pub fn somebody(subject: &str) -> Federated {
    Federated {
        provider: "acme".to_owned(),
        issuer: "https://id.example".to_owned(),
        subject: subject.to_owned(),
        email: None,
        email_verified: false,
        name: None,
        picture: None,
    }
}
