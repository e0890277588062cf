/// Why a session's state is unknown, or why it could not be changed. None of these means "signed out".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The durable store could not be asked, or holds a row that cannot be read.
    #[error(transparent)]
    Store(#[from] dynamo::Error),
    /// The session is revoked in DynamoDB, but Redis did not take the tombstone: a repeat finishes it.
    #[error("the session is revoked but its hot copy is not")]
    Unfinished(#[source] redis::RedisError),
    /// The login fails because the user's sessions were ended, or the account was disabled, after the credential was
    /// read.
    #[error("the account changed while the login was under way")]
    Superseded,
    /// The user has twice the allowed sessions because earlier ones could not be ended.
    #[error("the user has too many sessions that could not be ended")]
    Full,
    /// The operating system gave no random bytes.
    #[error("no random bytes")]
    Entropy(#[from] getrandom::Error),
}
