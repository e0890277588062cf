//! Signs people in with an address and a password, in browsers and on devices.

use dynamo::Dynamo;
use edge::{Audit, Body, Call, Event, Gate, Problem};
use environment::Environment;
use futures_util::future::join;
use notice::Begun;
use session::{Account, Client, Session};
use throttle::{Purpose, Throttle, Try};
use users::{Claim, Email, Password, Proven, Users};

/// The `auth_method` of a session that begins here.
pub const METHOD: &str = "password";

/// An address and a password, as a request sends them.
pub struct Credentials {
    email: Email,
    password: Password,
}

impl Credentials {
    /// Reads both; faults stay in `body`.
    pub fn read(body: &mut Body) -> Option<Self> {
        let (email, password) = (body.required("email", Email::parse), body.required("password", Password::parse));
        Some(Self { email: email?, password: password? })
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
    /// begin a session of their account, which is returned. A refusal is an audit event.
    ///
    /// What does not wait for each other is done side by side: whose the address is, is read while the try is counted;
    /// the use of the password is noted while the session begins; and the success is noted while the session is
    /// finished.
    ///
    /// # Errors
    /// [`Problem::InvalidCredentials`] for every refusal; [`Problem::TooManyAttempts`]; [`Problem::Unavailable`] when
    /// the stores cannot tell; and the errors of `ready` and `begin`.
    pub async fn enter<'a, K, F: Future<Output = Result<Begun<'a, K>, session::Error>>>(
        &self,
        (gate, call): (&Gate, &Call<'_>),
        credentials: &Credentials,
        client: &Client,
        ready: impl Future<Output = Result<(), Problem>>,
        begin: impl FnOnce(Account) -> F,
    ) -> Result<(K, Session), Problem> {
        let Credentials { email, password } = credentials;
        let tried = Try { purpose: Purpose::SignIn, account: Some(email.as_str()), address: client.ip.as_deref() };
        let entering = async |claim: Result<Claim, users::Error>| {
            ready.await?;
            let proven = self.proven(claim, password).await.map_err(|error| refused(gate, call, error))?;
            let noting = self.users.note_use(&proven, password, call.now);
            let (begun, ()) = join(begin(proven.account.clone()), noting).await;
            Ok::<_, Problem>(begun?)
        };
        let allowed = self.throttle.allow(&tried, call.now).await?;
        // Boxed, because it is deeper than the compiler lays out in one piece.
        allowed.attempt(self.users.claim(email), |claim| Box::pin(entering(claim)), Begun::finish).await
    }

    async fn proven(&self, claim: Result<Claim, users::Error>, password: &Password) -> Result<Proven, users::Error> {
        let claimed = self.users.claimed(&claim?).await?;
        self.users.proven(claimed, password).await
    }
}

fn refused(gate: &Gate, call: &Call<'_>, error: users::Error) -> Problem {
    let users::Error::Denied { denial, user_id } = error else { return Problem::unavailable(&error) };
    let audit = Audit::of(user_id.as_deref()).method(METHOD).reason(denial.as_str());
    gate.audit(call, Event::LoginFailed, audit);
    Problem::InvalidCredentials
}
