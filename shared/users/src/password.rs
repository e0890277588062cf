use crate::{Error, stored::Stored};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{
        PasswordHasher, PasswordVerifier,
        phc::{Output, PasswordHash, Salt},
    },
};
use environment::Environment;
use reason::{Code, Reason};
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The longest password that is accepted, in code points; it bounds the work, and is far above what people use.
const LONGEST: usize = 256;

/// A password as it was typed, in NFC (NIST SP 800-63B-4, 3.1.1.2). No `Debug` form.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Reads a password as typed. It is never truncated.
    ///
    /// # Errors
    /// When it is empty or longer than 256 code points.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        match text.chars().count() {
            0 => Err(Code::Empty.into()),
            1..=LONGEST => Ok(Self(Zeroizing::new(text.nfc().collect()))),
            _ => Err(Reason::too_long(LONGEST)),
        }
    }

    /// The typed text, only for judging and hashing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

/// Hashes passwords with argon2id and checks them (OWASP Password Storage, RFC 9106).
#[derive(Clone, Debug)]
pub struct Passwords {
    params: Params,
}

impl Passwords {
    /// Reads `ARGON2_MEMORY_KIB` (19456) and `ARGON2_TIME_COST` (2); the parallelism is 1.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let memory = environment.count("ARGON2_MEMORY_KIB", 19_456);
        let time = environment.count("ARGON2_TIME_COST", 2);
        match Params::new(memory, time, 1, Some(Params::DEFAULT_OUTPUT_LEN)) {
            Ok(params) => Some(Self { params }),
            Err(error) => {
                environment.fault("ARGON2_MEMORY_KIB", format!("does not go with ARGON2_TIME_COST: {error}"));
                None
            }
        }
    }

    /// The hash of a new password, as a PHC string.
    ///
    /// # Errors
    /// [`Error::Hash`] when there is no memory or there are no random bytes for it.
    pub async fn hash(&self, password: &Password) -> Result<String, Error> {
        let (argon2, password) = (self.argon2(), password.clone());
        blocking(move || argon2.hash_password(password.0.as_bytes()).map(|hash| hash.to_string()).map_err(hash_error))
            .await
    }

    /// Whether this is the password of `hash`. Without a hash, or with one that cannot be read and so matches no
    /// password, the same work is done for nothing: a missing account must take as long as an existing one (OWASP ASVS
    /// 6.3.8).
    ///
    /// # Errors
    /// [`Error::Hash`] when there is no memory for it.
    pub async fn verify(&self, password: &Password, hash: Option<&str>) -> Result<bool, Error> {
        let (argon2, password) = (self.argon2(), password.clone());
        let stored = hash.and_then(|hash| Stored::parse(hash, &self.params));
        let hash = stored.map_or_else(|| self.decoy(), |stored| Ok(stored.hash))?;
        blocking(move || match argon2.verify_password(password.0.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(hash_error(error)),
        })
        .await
    }

    /// Whether a password can be compared with this hash.
    pub fn can_read(&self, hash: &str) -> bool {
        Stored::parse(hash, &self.params).is_some()
    }

    /// Whether a hash is weaker than today's, so that it should be renewed while the password is known. A stronger one
    /// is never replaced by a cheaper one.
    pub fn is_weak(&self, hash: &str) -> bool {
        Stored::parse(hash, &self.params).is_some_and(|stored| stored.is_weaker_than(&self.params))
    }

    /// A hash at today's cost that has no known password.
    fn decoy(&self) -> Result<PasswordHash, Error> {
        let output = Output::new(&[0; Params::DEFAULT_OUTPUT_LEN]).map_err(hash_error)?;
        let salt = Salt::new(&[0; 16]).map_err(hash_error)?;
        let params = (&self.params).try_into().map_err(hash_error)?;
        let (algorithm, version) = (Algorithm::Argon2id.ident(), Some(Version::V0x13.into()));
        Ok(PasswordHash { algorithm, version, params, salt: Some(salt), hash: Some(output) })
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }
}

fn hash_error(error: impl fmt::Display) -> Error {
    Error::Hash(error.to_string())
}

/// Runs off the threads that serve requests: a hash takes tens of milliseconds.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(hash_error(error)))
}
