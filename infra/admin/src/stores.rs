use crate::failure::Failure;
use aws_config::{BehaviorVersion, SdkConfig};
use dynamo::{Connections, Dynamo};
use environment::{Environment, is_loopback, web_url};
use session::{Account, Sessions};
use std::time::Duration;
use tokens::Kms;
use tokio::{net::TcpStream, time::timeout};
use trust::Roots;
use users::{Email, Passwords, Users};

/// The stores of the deployment that the environment names.
pub struct Stores {
    pub dynamo: Dynamo,
    pub users: Users,
    pub sessions: Sessions,
    pub kms: Kms,
}

impl Stores {
    /// Reads the functions' variables for the stores: `TABLE_PREFIX`, `AWS_ENDPOINT_URL_DYNAMODB`, `REDIS_URL`,
    /// `SESSION_*`, `ARGON2_*`, `SSL_CERT_FILE`; and `AWS_ENDPOINT_URL`, which only operators' SDK configuration reads.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub async fn connect() -> Result<Self, Failure> {
        let mut environment = Environment::of_process();
        let passwords = Passwords::from_environment(&mut environment);
        let policy = session::Policy::from_environment(&mut environment);
        let redis = session::Hot::from_environment(&mut environment);
        let store = dynamo::Settings::from_environment(&mut environment);
        let roots = Roots::from_environment(&mut environment);
        // The SDK's own name for the endpoints of all services, which it reads in addition to ours.
        let everywhere = environment.optional("AWS_ENDPOINT_URL", web_url);
        let passwords = environment.finish(passwords)?;
        if let Some(endpoint) = store.endpoint.as_ref().or(everywhere.as_ref()).filter(|endpoint| is_loopback(endpoint))
        {
            runs(endpoint).await?;
        }

        let shared = as_operator(roots).await;
        let dynamo = Dynamo::with(&store, &shared);
        let sessions = Sessions::new(policy, redis, dynamo.clone());
        Ok(Self { users: Users::new(dynamo.clone(), passwords), sessions, dynamo, kms: Kms::with(&shared) })
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

/// Signs in to AWS as an operator does, for example with a profile, which functions do not need.
async fn as_operator(roots: Roots) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest()).http_client(Connections::new(roots)).load().await
}

/// Whether a server listens at an address of this machine. The SDK would try for seconds and then blame DynamoDB.
async fn runs(endpoint: &url::Url) -> Result<(), Failure> {
    let addresses = endpoint.socket_addrs(|| None)?;
    match timeout(Duration::from_secs(1), TcpStream::connect(&*addresses)).await {
        Ok(Err(_)) => Err(Failure::NotRunning(endpoint.to_string())),
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}
