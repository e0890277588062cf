use crate::WrapError;
use aws_sdk_kms::{
    Client,
    config::{Builder, retry::RetryConfig, timeout::TimeoutConfig},
    primitives::Blob,
};
use dynamo::SdkConfig;
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};
use zeroize::Zeroizing;

/// AWS KMS, which wraps private keys. A call ends within a second and a half, including its one repeat: with DynamoDB's
/// three seconds before it, that fits into a request.
#[derive(Clone)]
pub struct Kms {
    shared: SdkConfig,
    /// Made when it is first needed; never, if nothing is wrapped.
    client: Arc<OnceLock<Client>>,
}

/// The result of wrapping.
pub(crate) struct Wrapped {
    pub ciphertext: Vec<u8>,
    /// The id of the key itself, even if the call named an alias.
    pub key_id: String,
}

impl Kms {
    /// KMS built on an SDK configuration, with our time-outs.
    pub fn with(shared: &SdkConfig) -> Self {
        Self { shared: shared.clone(), client: Arc::default() }
    }

    /// Encrypts up to 4 KiB.
    pub(crate) async fn encrypt(
        &self,
        key_id: &str,
        secret: &[u8],
        context: HashMap<String, String>,
    ) -> Result<Wrapped, WrapError> {
        let call = self.client().encrypt().key_id(key_id).plaintext(Blob::new(secret));
        let answer = call.set_encryption_context(Some(context)).send().await.map_err(failed)?;
        let ciphertext = answer.ciphertext_blob.ok_or(WrapError::Incomplete)?.into_inner();
        Ok(Wrapped { ciphertext, key_id: answer.key_id.ok_or(WrapError::Incomplete)? })
    }

    /// Decrypts what was encrypted under this key, and under no other, with the same context.
    pub(crate) async fn decrypt(
        &self,
        key_id: &str,
        ciphertext: &[u8],
        context: HashMap<String, String>,
    ) -> Result<Zeroizing<Vec<u8>>, WrapError> {
        let call = self.client().decrypt().key_id(key_id).ciphertext_blob(Blob::new(ciphertext));
        let answer = call.set_encryption_context(Some(context)).send().await.map_err(failed)?;
        Ok(Zeroizing::new(answer.plaintext.ok_or(WrapError::Incomplete)?.into_inner()))
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| client(&self.shared))
    }
}

fn client(shared: &SdkConfig) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(400))
        .operation_attempt_timeout(Duration::from_millis(700))
        .operation_timeout(Duration::from_millis(1_500))
        .build();
    let retries = RetryConfig::standard().with_max_attempts(2).with_initial_backoff(Duration::from_millis(50));
    // Only IPv6 leads out of the functions' VPC. A configured endpoint has no second name.
    let dual_stack = shared.endpoint_url().is_none().then_some(true);
    let mut builder = Builder::from(shared).timeout_config(timeouts).retry_config(retries);
    builder.set_use_dual_stack(dual_stack);
    Client::from_conf(builder.build())
}

fn failed(error: impl Into<aws_sdk_kms::Error>) -> WrapError {
    WrapError::Kms(Box::new(error.into()))
}
