use crate::failure::Failure;
use aws_config::BehaviorVersion;
use dynamo::Dynamo;
use environment::Environment;
use session::{Account, Sessions};
use users::{Email, Passwords, Users};

/// The stores of the deployment that the environment names.
pub struct Stores {
    pub dynamo: Dynamo,
    pub users: Users,
    pub sessions: Sessions,
}

impl Stores {
    /// Reads what the functions read of them: `TABLE_PREFIX`, `REDIS_URL`, `SESSION_*`, `ARGON2_*` and the SDK's own.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub async fn connect() -> Result<Self, Failure> {
        let mut environment = Environment::of_process();
        let passwords = Passwords::from_environment(&mut environment);
        let sessions = session::Config::from_environment(&mut environment);
        let store = dynamo::Config::from_environment(&mut environment);
        let passwords = environment.finish(passwords)?;

        // As an operator signs in to AWS: with a profile, say, which functions have no use for.
        let shared = aws_config::defaults(BehaviorVersion::latest()).load().await;
        let dynamo = Dynamo::with(&store, &shared);
        let sessions = Sessions::new(&sessions, dynamo.clone()).map_err(|error| Failure::Client(error.to_string()))?;
        Ok(Self { users: Users::new(dynamo.clone(), passwords), sessions, dynamo })
    }

    /// The account with this address or id.
    ///
    /// # Errors
    /// [`Failure::NoUser`] when there is none.
    pub async fn account(&self, who: &str) -> Result<Account, Failure> {
        let found = match Email::parse(who) {
            Ok(email) => self.users.by_email(&email).await?,
            Err(_) => self.users.by_id(who).await?,
        };
        found.ok_or_else(|| Failure::NoUser(who.to_owned()))
    }
}
