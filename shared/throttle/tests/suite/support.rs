use futures_util::future::{Either, pending, select};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::pin::pin;
use testkit::Stores;
use throttle::{Error, Purpose, Throttle, Try, Verdict};
use tokio::sync::oneshot;

pub const ADA: &str = "ada@example.com";
pub const HOME: &str = "203.0.113.7";

/// A throttle with its own counters, and a clock.
pub struct Scene {
    pub stores: Stores,
    pub throttle: Throttle,
    pub start: Timestamp,
}

impl Scene {
    pub async fn new() -> Self {
        let stores = Stores::without_redis().await;
        let throttle = Throttle::new(stores.dynamo());
        Self { stores, throttle, start: testkit::then() }
    }

    /// Tries after this many milliseconds, and is refused. `Err`: not allowed, with the milliseconds to wait.
    pub async fn take(&self, tried: &Try<'_>, after: i64) -> Result<(), i64> {
        let_through(refuse(&self.throttle, tried, self.at(after)).await)
    }

    /// Tries, and succeeds.
    pub async fn succeed(&self, tried: &Try<'_>, after: i64) -> Result<(), i64> {
        let_through(self.throttle.attempt(tried, self.at(after), async { Ok(()) }).await)
    }

    /// Tries, and the stores fail.
    pub async fn fail(&self, tried: &Try<'_>, after: i64) -> Result<(), i64> {
        let_through(self.throttle.attempt(tried, self.at(after), async { Err(End::Failed) }).await)
    }

    /// Tries, and is gone before there is an outcome.
    pub async fn abandon(&self, tried: &Try<'_>, after: i64) -> Result<(), i64> {
        let (begin, begun) = oneshot::channel();
        let work = async {
            begin.send(()).expect("a test that listens");
            pending::<Result<(), End>>().await
        };
        let attempt = pin!(self.throttle.attempt(tried, self.at(after), work));
        match select(attempt, begun).await {
            Either::Left((ended, _)) => let_through(ended),
            Either::Right(_) => Ok(()),
        }
    }

    /// Tries this often at the same moment, one after the other, and expects to be allowed.
    pub async fn exhaust(&self, tried: &Try<'_>, times: usize, after: i64) {
        for n in 0..times {
            assert_eq!(self.take(tried, after).await, Ok(()), "try {n}");
        }
    }

    pub fn at(&self, after: i64) -> Timestamp {
        self.start + SignedDuration::from_millis(after)
    }

    /// The rows, each by its scope.
    pub async fn rows(&self) -> Vec<(String, Value)> {
        let contents = self.stores.contents().await;
        let rows = contents["test-throttle"].as_array().expect("rows").clone();
        let scope = |row: &Value| row["key"].as_str().expect("a key").split('#').nth(1).expect("a scope").to_owned();
        rows.into_iter().map(|row| (scope(&row), row)).collect()
    }

    /// The one row of a scope.
    pub async fn row(&self, scope: &str) -> Option<Value> {
        let mut rows = self.rows().await.into_iter().filter(|(of, _)| of == scope);
        let row = rows.next().map(|(_, row)| row);
        assert!(rows.next().is_none(), "one row of {scope}");
        row
    }

    /// The tries that the one row of a scope counts.
    pub async fn tries(&self, scope: &str) -> Option<u64> {
        self.row(scope).await.map(|row| row["tries"].as_u64().expect("a number"))
    }
}

/// How a try ends.
#[derive(Debug)]
pub enum End {
    Refused,
    Failed,
    Throttled(Error),
}

impl Verdict for End {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused)
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Throttled(error)
    }
}

pub async fn refuse(throttle: &Throttle, tried: &Try<'_>, at: Timestamp) -> Result<(), End> {
    throttle.attempt(tried, at, async { Err(End::Refused) }).await
}

/// `Err`: the milliseconds to wait.
pub fn let_through(ended: Result<(), End>) -> Result<(), i64> {
    match ended {
        Ok(()) | Err(End::Refused | End::Failed) => Ok(()),
        Err(End::Throttled(Error::TooMany(wait))) => Err(i64::try_from(wait.as_millis()).expect("a wait")),
        Err(End::Throttled(error)) => panic!("{error}"),
    }
}

pub fn sign_in<'a>(account: &'a str, address: &'a str) -> Try<'a> {
    Try { purpose: Purpose::SignIn, account: Some(account), address: Some(address) }
}

/// The `n`th of many addresses, each its own network.
pub fn elsewhere(n: usize) -> String {
    format!("198.51.{}.{}", n / 250, n % 250)
}
