use std::{io, path::PathBuf};

/// Why the local environment cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {what}")]
    System {
        /// What was tried, as an infinitive.
        what: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The embedded DynamoDB cannot open its data.
    #[error("cannot open the DynamoDB data: {0}")]
    Database(dynoxide::DynoxideError),
    /// No `redis-server` on the `PATH`, or one that is too old.
    #[error(
        "redis-server 7 or later is needed ({0}); install it with `sudo apt-get install redis-server`, \
         `sudo dnf install valkey` or `brew install redis`, or see https://redis.io/downloads"
    )]
    NoRedis(String),
    /// `redis-server` started but never answered.
    #[error("redis-server does not answer; its log is {}", .0.display())]
    SilentRedis(PathBuf),
    /// `infra/data.yaml` does not have the expected form.
    #[error("infra/data.yaml cannot be read")]
    Definition(#[from] serde_saphyr::Error),
    /// DynamoDB refused a table.
    #[error("cannot create the table {table}")]
    Table {
        /// The table's full name.
        table: String,
        /// The error of the SDK.
        #[source]
        source: Box<aws_sdk_dynamodb::Error>,
    },
}

impl Error {
    /// For `map_err`: names what was tried when the operating system refused.
    pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        |source| Self::System { what, source }
    }
}
