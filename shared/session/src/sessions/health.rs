use super::Sessions;

/// Whether the stores answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether Redis answers; `None`: there is no Redis.
    pub redis: Option<bool>,
    /// Whether DynamoDB answers.
    pub dynamodb: bool,
}

impl Sessions {
    /// Asks both stores at once for a key that never exists, even a store that has just kept another request waiting.
    /// Takes as long as the slower store may: under a second for Redis, three for DynamoDB.
    pub async fn health(&self) -> Health {
        let redis = async {
            match &self.hot {
                Some(hot) => Some(answers("Redis", hot.answers().await)),
                None => None,
            }
        };
        let dynamodb = async { answers("DynamoDB", self.cold.answers().await) };
        let (redis, dynamodb) = futures_util::future::join(redis, dynamodb).await;
        Health { redis, dynamodb }
    }
}

fn answers<E: std::error::Error + 'static>(store: &'static str, answer: Result<(), E>) -> bool {
    if let Err(error) = &answer {
        tracing::warn!(store, error = error as &dyn std::error::Error, "a store does not answer");
    }
    answer.is_ok()
}
