use std::io;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Settings are missing or malformed.
    #[error(transparent)]
    Settings(#[from] environment::Faults),
    /// No DynamoDB listens at the local address in the settings.
    #[error("nothing runs at {0}, where AWS_ENDPOINT_URL_DYNAMODB leads: start it with make dev")]
    NotRunning(String),
    /// No user has this id or address.
    #[error("there is no user {0}")]
    NoUser(String),
    /// The user has no such session.
    #[error("the user has no session {0}")]
    NoSession(String),
    /// No key has this name.
    #[error("there is no such key")]
    NoKey,
    /// A typed value cannot be used.
    #[error("{what} {reason}")]
    Unusable {
        /// The name of the value.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The person who was asked did not say yes.
    #[error("nothing was done: {0}")]
    NotConfirmed(&'static str),
    /// The accounts could not be asked, or refused.
    #[error(transparent)]
    Users(#[from] users::Error),
    /// The sessions ended in DynamoDB only, or not at all.
    #[error("not everything is done, and a repeat finishes it")]
    Sessions(#[from] session::Error),
    /// The keys could not be read or made.
    #[error("the signing keys cannot be changed")]
    Keys(#[from] tokens::Error),
    /// A table could not be read.
    #[error(transparent)]
    Store(#[from] dynamo::Error),
    /// The output could not be written.
    #[error("the output cannot be written")]
    Output(#[from] io::Error),
    /// The same, as CSV.
    #[error("the output cannot be written")]
    Csv(#[from] csv::Error),
}
