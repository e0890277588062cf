use environment::Environment;
use jiff::Timestamp;

/// Where browsers reach the API of the tests.
pub const PUBLIC_URL: &str = "https://api.example.com/auth";
/// Its front end.
pub const APP_URL: &str = "https://app.example.com/home";
/// The origin of the front end.
pub const ORIGIN: &str = "https://app.example.com";
/// The variables of a deployment that every function reads.
pub fn variables() -> Vec<(String, String)> {
    let pairs = [("PUBLIC_URL", PUBLIC_URL), ("APP_URL", APP_URL), ("ALLOWED_ORIGINS", ORIGIN)];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The settings that `read` makes from the variables.
///
/// # Panics
/// When they have faults.
pub fn settings<T>(variables: Vec<(String, String)>, read: impl FnOnce(&mut Environment) -> Option<T>) -> T {
    let mut environment = Environment::of(variables);
    let settings = read(&mut environment);
    environment.finish(settings).expect("usable settings")
}

/// A moment that snapshots can hold.
pub fn then() -> Timestamp {
    "2031-05-06T07:08:09.123Z".parse().expect("a moment")
}
