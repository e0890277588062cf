use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use testkit::Stores;
use throttle::{Error, Purpose, Throttle, Try};

pub const ADA: &str = "ada@example.com";
pub const HOME: &str = "203.0.113.7";

/// Counters of their own, and a clock.
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

    /// Tries after so many milliseconds. `Err`: the milliseconds to wait.
    pub async fn take(&self, tried: &Try<'_>, after: i64) -> Result<(), i64> {
        match self.throttle.take(tried, self.at(after)).await {
            Ok(()) => Ok(()),
            Err(Error::TooMany(wait)) => Err(i64::try_from(wait.as_millis()).expect("a wait")),
            Err(error) => panic!("{error}"),
        }
    }

    /// Tries so often at once, one after the other, and expects to be let through.
    pub async fn exhaust(&self, tried: &Try<'_>, times: usize, after: i64) {
        for n in 0..times {
            assert_eq!(self.take(tried, after).await, Ok(()), "try {n}");
        }
    }

    pub async fn clear(&self, tried: &Try<'_>, after: i64) {
        self.throttle.clear(tried, self.at(after)).await;
    }

    pub async fn release(&self, tried: &Try<'_>) {
        self.throttle.release(tried).await;
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

pub fn sign_in<'a>(account: &'a str, address: &'a str) -> Try<'a> {
    Try { purpose: Purpose::SignIn, account: Some(account), address: Some(address) }
}

/// The `n`th of many addresses, each a network of its own.
pub fn elsewhere(n: usize) -> String {
    format!("198.51.{}.{}", n / 250, n % 250)
}
