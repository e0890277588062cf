use super::{Stores, TABLE_PREFIX};
use serde_json::{Value, json};
use streams::{Start, Stream};

/// The streams of `sessions` and `users`, from a moment on.
pub struct Streams([Stream; 2]);

impl Stores {
    /// Changes of sessions and users from now on, as reported by the streams of their tables.
    pub async fn streams(&self) -> Streams {
        let config = stand::sdk_config(&self._dynamo_db.endpoint());
        let follow = async |table| {
            Stream::follow(&config, &format!("{TABLE_PREFIX}{table}"), Start::Now).await.expect("a stream")
        };
        Streams([follow("sessions").await, follow("users").await])
    }
}

impl Streams {
    /// The changes since the last call, as the events that Lambda passes to a function: first of sessions, then of
    /// users.
    pub async fn events(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        for stream in &mut self.0 {
            loop {
                let batches = stream.next().await.expect("records");
                if batches.is_empty() {
                    break;
                }
                events.extend(batches.into_iter().map(|batch| json!({ "Records": batch.records })));
            }
        }
        events
    }

    /// The same, with everything in one event.
    pub async fn event(&mut self) -> Value {
        let mut events = self.events().await;
        let records: Vec<Value> = events
            .iter_mut()
            .flat_map(|event| event["Records"].as_array_mut().map(std::mem::take).unwrap_or_default())
            .collect();
        json!({ "Records": records })
    }
}
