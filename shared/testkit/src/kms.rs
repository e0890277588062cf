use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use dynamo::SdkConfig;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    future::pending,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// AWS KMS on this machine, as far as wrapping needs it: it encrypts with AES-256-GCM, bound to the encryption context,
/// under its own keys. It stops when it is dropped.
pub struct KeyService {
    inner: Arc<Inner>,
    endpoint: String,
    server: JoinHandle<()>,
}

/// What a [`KeyService`] does instead of its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KmsFault {
    /// Answers 500.
    Fail,
    /// Does not answer.
    Hang,
    /// Says that the caller has no permission.
    Deny,
    /// Decrypts, and answers with another secret than the encrypted one.
    Swap,
    /// Answers without the requested part.
    Omit,
}

#[derive(Default)]
struct Inner {
    keys: Mutex<BTreeMap<String, RandomizedNonceKey>>,
    fault: Mutex<Option<KmsFault>>,
    calls: Mutex<Vec<(String, Value)>>,
    /// The first secret that was encrypted, for [`KmsFault::Swap`].
    first: Mutex<Option<Vec<u8>>>,
}

/// The name of the error with which it refuses.
type Refusal = &'static str;

impl KeyService {
    /// A service without keys, on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("the port"));
        let inner = Arc::new(Inner::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { inner, endpoint, server }
    }

    /// Makes a key, and returns its ARN.
    pub fn key(&self) -> String {
        let mut secret = [0; 32];
        aws_lc_rs::rand::fill(&mut secret).expect("random bytes");
        let mut keys = lock(&self.inner.keys);
        let arn = format!("arn:aws:kms:us-east-1:111122223333:key/{:08}", keys.len());
        keys.insert(arn.clone(), RandomizedNonceKey::new(&AES_256_GCM, &secret).expect("a key"));
        arn
    }

    /// The configuration for its clients.
    pub fn sdk_config(&self) -> SdkConfig {
        stand::sdk_config(&self.endpoint)
    }

    /// Sets this fault, or none, from now on.
    pub fn fault(&self, fault: Option<KmsFault>) {
        *lock(&self.inner.fault) = fault;
    }

    /// Operation and encryption context of every call since the last time.
    pub fn take_calls(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut lock(&self.inner.calls))
    }
}

impl Drop for KeyService {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: String) -> Response {
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let target = headers["x-amz-target"].to_str().expect("text");
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    lock(&inner.calls).push((operation.clone(), body["EncryptionContext"].clone()));
    let fault = *lock(&inner.fault);
    let done = match fault {
        Some(KmsFault::Hang) => pending().await,
        Some(KmsFault::Fail) => return refusal(StatusCode::INTERNAL_SERVER_ERROR, "KMSInternalException"),
        Some(KmsFault::Deny) => Err("AccessDeniedException"),
        Some(KmsFault::Omit) => Ok(json!({})),
        Some(KmsFault::Swap) | None if operation == "Encrypt" => inner.encrypt(&body),
        Some(KmsFault::Swap) => inner.decrypt(&body).map(|_| inner.swapped()),
        None => inner.decrypt(&body),
    };
    match done {
        Ok(answer) => Json(answer).into_response(),
        Err(name) => refusal(StatusCode::BAD_REQUEST, name),
    }
}

fn refusal(status: StatusCode, name: Refusal) -> Response {
    (status, [("x-amzn-errortype", name)], Json(json!({ "__type": name }))).into_response()
}

impl Inner {
    fn encrypt(&self, body: &Value) -> Result<Value, Refusal> {
        let (arn, keys) = (text(body, "KeyId"), lock(&self.keys));
        let key = keys.get(arn).ok_or("NotFoundException")?;
        let mut bytes = binary(body, "Plaintext");
        lock(&self.first).get_or_insert_with(|| bytes.clone());
        let nonce = key.seal_in_place_append_tag(context(body), &mut bytes).expect("encryption");
        let sealed = [&[arn.len() as u8], arn.as_bytes(), nonce.as_ref(), &bytes].concat();
        Ok(json!({ "CiphertextBlob": BASE64_STANDARD.encode(sealed), "KeyId": arn }))
    }

    fn decrypt(&self, body: &Value) -> Result<Value, Refusal> {
        let sealed = binary(body, "CiphertextBlob");
        let (&length, rest) = sealed.split_first().ok_or("InvalidCiphertextException")?;
        let (arn, rest) = rest.split_at_checked(length.into()).ok_or("InvalidCiphertextException")?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or("InvalidCiphertextException")?;
        if arn != text(body, "KeyId").as_bytes() {
            return Err("IncorrectKeyException");
        }
        let keys = lock(&self.keys);
        let key = keys.get(text(body, "KeyId")).ok_or("NotFoundException")?;
        let (nonce, mut sealed) = (Nonce::try_assume_unique_for_key(nonce).expect("a nonce"), sealed.to_vec());
        let opened = key.open_in_place(nonce, context(body), &mut sealed).map_err(|_| "InvalidCiphertextException")?;
        Ok(json!({ "Plaintext": BASE64_STANDARD.encode(opened), "KeyId": text(body, "KeyId") }))
    }

    fn swapped(&self) -> Value {
        json!({ "Plaintext": BASE64_STANDARD.encode(lock(&self.first).as_deref().unwrap_or_default()) })
    }
}

/// The same result for the same pairs, in any order.
fn context(body: &Value) -> Aad<String> {
    let pairs = body["EncryptionContext"].as_object().cloned().unwrap_or_default();
    Aad::from(json!(BTreeMap::from_iter(pairs)).to_string())
}

fn text<'a>(body: &'a Value, member: &str) -> &'a str {
    body[member].as_str().unwrap_or_default()
}

fn binary(body: &Value, member: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(text(body, member)).expect("base64")
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
