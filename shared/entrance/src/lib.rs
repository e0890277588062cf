//! Signs people in with an address and a password, in browsers and on devices.

use dynamo::Dynamo;
use edge::{Audit, Call, Event, Gate, Problem};
use environment::Environment;
use session::{Account, Client};
use throttle::{Purpose, Throttle, Try};
use users::{Email, Password, Users};

/// The `auth_method` of a session that begins here.
pub const METHOD: &str = "password";

/// An address and a password, as a request sends them.
pub struct Credentials {
    email: Email,
    password: Password,
}

impl Credentials {
    /// Reads both.
    ///
    /// # Errors
    /// [`Problem::Unusable`] when one of them cannot be an address or a password.
    pub fn parse(email: &str, password: &str) -> Result<Self, Problem> {
        let unusable = |member| move |reason| Problem::Unusable { member, reason };
        let email = Email::parse(email).map_err(unusable("email"))?;
        Ok(Self { email, password: Password::parse(password).map_err(unusable("password"))? })
    }
}

/// Where passwords are checked.
pub struct Entrance {
    /// Counts the tries.
    pub throttle: Throttle,
    /// The accounts.
    pub users: Users,
}

impl Entrance {
    /// The entrance to the accounts in this store, with what [`Users::from_environment`] reads; `None` when a setting
    /// has a fault.
    pub fn from_environment(environment: &mut Environment, dynamo: &Dynamo) -> Option<Self> {
        let users = Users::from_environment(environment, dynamo)?;
        Some(Self { throttle: Throttle::new(dynamo.clone()), users })
    }

    /// Counts the try by account, by address and by both; then awaits `ready`, checks the credentials, and lets `begin`
    /// begin a session of their account. A refusal is an audit event.
    ///
    /// # Errors
    /// [`Problem::InvalidCredentials`] for every refusal; [`Problem::TooManyAttempts`]; [`Problem::Unavailable`] when
    /// the stores cannot tell; and the errors of `ready` and `begin`.
    pub async fn enter<T, F: Future<Output = Result<T, Problem>>>(
        &self,
        (gate, call): (&Gate, &Call<'_>),
        credentials: &Credentials,
        client: &Client,
        ready: impl Future<Output = Result<(), Problem>>,
        begin: impl FnOnce(Account) -> F,
    ) -> Result<T, Problem> {
        let Credentials { email, password } = credentials;
        let tried = Try { purpose: Purpose::SignIn, account: Some(email.as_str()), address: client.ip.as_deref() };
        let entering = async {
            ready.await?;
            let account = self.users.with_password(email, password, call.now).await;
            begin(account.map_err(|error| refused(gate, call, error))?).await
        };
        // Boxed, because it is deeper than the compiler lays out in one piece.
        self.throttle.attempt(&tried, call.now, Box::pin(entering)).await
    }
}

fn refused(gate: &Gate, call: &Call<'_>, error: users::Error) -> Problem {
    let users::Error::Denied { denial, user_id } = error else { return Problem::unavailable(&error) };
    let audit = Audit::of(user_id.as_deref()).method(METHOD).reason(denial.as_str());
    gate.audit(call, Event::LoginFailed, audit);
    Problem::InvalidCredentials
}
