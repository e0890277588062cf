//! Invariant 4: neither store sees a token, and neither does a log.

use crate::support::{ago, log_in_at, login};
use base64::{Engine, prelude::BASE64_STANDARD};
use session::{Login, Policy, Slide, Token};
use std::{
    io::{self, Write},
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};
use testkit::{Fault, RedisFault, Stores, now};
use tracing_subscriber::fmt::MakeWriter;

/// A day in the life of two sessions, with everything that can go wrong on the way.
async fn a_day(stores: &Stores) -> Vec<Token> {
    stores.account("ada").await;
    let sessions = stores.sessions(Policy::default());
    let first = log_in_at(stores, &sessions, "ada", ago(crate::support::DUE)).await;
    let presented = Login { presented: Some(&first), ..login(stores.stored_account("ada").await) };
    sessions.authenticate(&first, Slide::Yes, now()).await.unwrap().unwrap();
    let (second, _) = sessions.create(presented, now()).await.unwrap();
    let third = log_in_at(stores, &sessions, "ada", ago(crate::support::DUE)).await;
    stores.flush_redis().await;
    sessions.authenticate(&third, Slide::No, now()).await.unwrap().unwrap();
    break_everything(stores);
    for slide in [Slide::Yes, Slide::No] {
        assert!(sessions.authenticate(&third, slide, now()).await.is_err());
    }
    for token in [&second, &third] {
        assert!(sessions.revoke(token, now()).await.is_err());
        assert!(sessions.revoke_all(token, now()).await.is_err());
    }
    stores.dynamo_proxy.heal();
    assert!(sessions.revoke(&second, now()).await.is_err(), "Redis is still away");
    stores.redis_proxy.as_ref().unwrap().heal();
    sessions.revoke(&second, now()).await.unwrap().unwrap();
    sessions.revoke_all(&third, now()).await.unwrap().unwrap();
    let made_up = Token::generate().unwrap();
    assert!(sessions.authenticate(&made_up, Slide::Yes, now()).await.unwrap().is_none());
    vec![first, second, third, made_up]
}

fn break_everything(stores: &Stores) {
    stores.dynamo_proxy.break_all(None, Fault::Fail);
    stores.redis_proxy.as_ref().unwrap().break_all(None, RedisFault::Close);
}

/// Checks for every form in which a token could have got into `bytes`.
fn assert_holds_none(bytes: &[u8], tokens: &[Token], what: &str) {
    for token in tokens {
        let text = token.expose();
        let raw = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(text.as_bytes()).unwrap();
        let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
        let list = format!("{raw:?}");
        let standard = BASE64_STANDARD.encode(&raw);
        for form in [text.as_bytes(), &raw, hex.as_bytes(), list.as_bytes(), standard.trim_end_matches('=').as_bytes()]
        {
            assert!(!bytes.windows(form.len()).any(|window| window == form), "{what} holds a token");
        }
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_store_is_ever_sent_a_token() {
    let stores = Stores::start().await;
    let redis = stores.redis_proxy.as_ref().unwrap();
    redis.record();
    stores.dynamo_proxy.record();
    let tokens = a_day(&stores).await;
    for (sent, what) in [(redis.recorded(), "Redis"), (stores.dynamo_proxy.recorded(), "DynamoDB")] {
        assert!(holds(&sent, tokens[0].id().as_str()), "{what} was sent the ids");
        assert_holds_none(&sent, &tokens, what);
    }
}

#[tokio::test]
async fn no_store_holds_a_token() {
    let stores = Stores::start().await;
    let mut tokens = a_day(&stores).await;
    tokens.push(log_in_at(&stores, &stores.sessions(Policy::default()), "ada", now()).await);
    let mut held = String::new();
    let keys: Vec<String> = stores.redis_command(&["KEYS", "*"]).await;
    for key in keys {
        let value: Vec<u8> = stores.redis_command(&["GET", &key]).await;
        held += &format!("{key} {}\n", String::from_utf8_lossy(&value));
    }
    let dynamo = stores.dynamo_itself();
    for table in dynamo.client().list_tables().send().await.unwrap().table_names() {
        let rows = dynamo.client().scan().table_name(table).send().await.unwrap();
        held += &format!("{:?}\n", rows.items());
    }
    assert!(holds(held.as_bytes(), tokens[4].id().as_str()) && holds(held.as_bytes(), "ada@example.com"), "{held}");
    assert_holds_none(held.as_bytes(), &tokens, "a store");
}

/// At the most verbose level, the clients' logs included: a separate process listens to all its threads.
#[test]
fn no_log_line_holds_a_token() {
    let mut process = Command::new(std::env::current_exe().unwrap());
    process.args(["--exact", "secrets::a_process_that_logs_all_it_can", "--nocapture"]).env(LOGS_ALL, "yes");
    let output = process.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).contains(LISTENED));
}

/// The other half of the test above. Run on its own, it does nothing.
#[tokio::test]
async fn a_process_that_logs_all_it_can() {
    if std::env::var_os(LOGS_ALL).is_none() {
        return;
    }
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let stores = Stores::start().await;
    let tokens = a_day(&stores).await;
    tracing::info!(?tokens, "a careless line");
    let written = log.0.lock().unwrap().clone();
    for line in ["\"restored\"", "a careless line", tokens[0].id().as_str(), "hyper"] {
        assert!(holds(&written, line), "{line}");
    }
    assert_holds_none(&written, &tokens, "the log");
    println!("{LISTENED}");
}

/// Tells [`a_process_that_logs_all_it_can`] that the test beside it started it. It prints `LISTENED` at the end.
const LOGS_ALL: &str = "SESSION_TEST_LOGS_ALL";
const LISTENED: &str = "no token in any line";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A thief of a store gets only the record in Redis and the row: neither opens a session.
#[tokio::test]
async fn nothing_that_a_store_holds_opens_a_session() {
    let stores = Stores::start().await;
    let (sessions, token) = crate::support::one_session(&stores, Duration::ZERO).await;
    let record = crate::support::hot(&stores, &token).await.unwrap();
    let row = format!("{:?}", crate::support::row(&stores, &token).await.unwrap());
    let words = format!("{record} {row}");
    let words = words.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_');
    let found: Vec<_> = words.filter_map(Token::parse).collect();
    assert!(!found.is_empty(), "the id has the form of a token");
    for found in found {
        assert!(!crate::support::is_alive(&sessions, &found).await);
    }
}
