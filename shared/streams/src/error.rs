/// Why a stream cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A table has no stream.
    #[error("the table {0} has no stream")]
    NoStream(String),
    /// DynamoDB cannot be asked, or refuses.
    #[error("cannot follow the stream of the table {table}")]
    Stream {
        /// The table's full name.
        table: String,
        /// The error of the SDK.
        #[source]
        source: Box<aws_sdk_dynamodbstreams::Error>,
    },
}

impl Error {
    /// For `map_err`: names the table whose stream cannot be followed.
    pub(crate) fn of<E>(table: &str) -> impl FnOnce(E) -> Self
    where
        aws_sdk_dynamodbstreams::Error: From<E>,
    {
        let table = table.to_owned();
        |source| Self::Stream { table, source: Box::new(source.into()) }
    }
}
