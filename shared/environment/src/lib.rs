//! Reads typed settings from environment variables so that every fault is reported at once, by name.
//!
//! Each concern has a `from_environment` that asks for its variables. A fault is remembered rather than
//! returned, so the caller sees all of them from [`Environment::finish`]. Values are never repeated in
//! a fault: some of them are secrets. A variable set to the empty string counts as absent, because
//! deployment templates cannot unset one.

mod providers;
mod service;
mod web;

pub use providers::{provider_names, provider_variable};
pub use service::{Form, Login, Path, ServiceUrl, service_url};
pub use web::{below, is_loopback, web_url};

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    time::Duration,
};
use url::Url;

/// The variables a function was started with, those it asked for, and the faults found in them so far.
#[derive(Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
    reads: BTreeSet<String>,
    faults: Vec<Fault>,
}

/// One variable that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The variable's name.
    pub name: String,
    /// What is wrong with it, without its value.
    pub reason: String,
}

/// Every variable that cannot be used; the function must not start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unusable settings: {}", .0.iter().map(|f| format!("{}: {}", f.name, f.reason)).collect::<Vec<_>>().join("; "))]
pub struct Faults(pub Vec<Fault>);

impl Environment {
    /// The variables of this process. Names or values that are not Unicode are left out.
    pub fn of_process() -> Self {
        Self::of(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// The given variables.
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { values: pairs.filter(|(_, value)| !value.is_empty()).collect(), ..Default::default() }
    }

    /// A variable that may be absent. `None` also when it is faulty: [`finish`](Self::finish) reports that.
    pub fn optional<T, E: Display>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        self.reads.insert(name.to_owned());
        match parse(self.values.get(name)?) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.fault(name, reason);
                None
            }
        }
    }

    /// A variable that must be there.
    pub fn required<T, E: Display>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        if !self.values.contains_key(name) {
            self.fault(name, "is missing");
        }
        self.optional(name, parse)
    }

    /// A variable with a default.
    pub fn default<T, E: Display>(&mut self, name: &str, default: T, parse: impl FnOnce(&str) -> Result<T, E>) -> T {
        self.optional(name, parse).unwrap_or(default)
    }

    /// A page that the app may have instead of ours: the variable, or else this path below `PUBLIC_URL`.
    pub fn page(&mut self, name: &str, path: &[&str]) -> Option<Url> {
        let api = self.required("PUBLIC_URL", web_url);
        let own = self.optional(name, web_url);
        own.or_else(|| Some(below(&api?, path)))
    }

    /// A duration such as `12h` or `7d`, with a default. Zero is refused.
    pub fn duration(&mut self, name: &str, default: Duration) -> Duration {
        self.default(name, default, |text| match humantime::parse_duration(text) {
            Ok(Duration::ZERO) => Err("must be longer than nothing".to_owned()),
            Ok(duration) => Ok(duration),
            Err(_) => Err("is not a duration such as 30s, 5m, 12h or 7d".to_owned()),
        })
    }

    /// A whole number of at least one, with a default.
    pub fn count(&mut self, name: &str, default: u32) -> u32 {
        self.default(name, default, |text| match text.parse() {
            Ok(0) | Err(_) => Err("is not a whole number of at least 1"),
            Ok(number) => Ok(number),
        })
    }

    /// The names of all variables that were asked for so far, present or not.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        self.reads.iter().map(String::as_str)
    }

    /// Records a fault, once: two concerns may read the same variable.
    pub fn fault(&mut self, name: &str, reason: impl Display) {
        let fault = Fault { name: name.to_owned(), reason: reason.to_string() };
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// The finished settings, or every fault found on the way.
    ///
    /// # Errors
    /// [`Faults`] when any variable asked for was missing or malformed.
    pub fn finish<T>(&mut self, settings: Option<T>) -> Result<T, Faults> {
        match settings {
            Some(settings) if self.faults.is_empty() => Ok(settings),
            _ => Err(Faults(std::mem::take(&mut self.faults))),
        }
    }
}

/// Any text, for settings that have no form of their own.
///
/// # Errors
/// Never; the signature is that of every parser here.
pub fn text(value: &str) -> Result<String, std::convert::Infallible> {
    Ok(value.to_owned())
}

/// The number of a port on which a server can listen, written without leading zeros.
///
/// # Errors
/// What is wrong with it.
pub fn port(value: &str) -> Result<u16, &'static str> {
    let number = value.parse::<u16>().ok().filter(|number| *number > 0 && number.to_string() == value);
    number.ok_or("is not a whole number from 1 to 65535")
}

/// A comma list, without blanks around its members and without empty members.
///
/// # Errors
/// Never; the signature is that of every parser here.
pub fn list(value: &str) -> Result<Vec<String>, std::convert::Infallible> {
    Ok(value.split(',').map(str::trim).filter(|member| !member.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_reported_at_once_by_name_without_its_value() {
        let mut environment = Environment::of([("IDLE", "soon-secret"), ("COUNT", "0"), ("URL", "http://example.com")]);
        environment.duration("IDLE", Duration::from_secs(1));
        environment.count("COUNT", 3);
        environment.required("URL", web_url);
        environment.required("MISSING", text);
        let text = environment.finish(Some(())).expect_err("four faults").to_string();
        for name in ["IDLE", "COUNT", "URL", "MISSING"] {
            assert!(text.contains(name), "{text}");
        }
        assert!(!text.contains("soon-secret"), "{text}");
    }

    /// All of them, absent, present, faulty or empty; and no others.
    #[test]
    fn every_variable_that_was_asked_for_is_remembered_once() {
        let mut environment = Environment::of([
            ("IDLE", "soon"),
            ("EMPTY", ""),
            ("OTHER", "nobody asks"),
            ("URL", "https://example.com"),
        ]);
        environment.required("URL", web_url);
        environment.required("MISSING", text);
        environment.duration("IDLE", Duration::from_secs(1));
        environment.duration("IDLE", Duration::from_secs(1));
        environment.count("COUNT", 3);
        environment.default("EMPTY", String::new(), text);
        environment.optional("ABSENT", text);
        environment.fault("BLAMED", "not asked for");
        assert_eq!(environment.reads().collect::<Vec<_>>(), ["ABSENT", "COUNT", "EMPTY", "IDLE", "MISSING", "URL"]);
    }

    #[test]
    fn an_empty_variable_counts_as_absent() {
        let mut environment = Environment::of([("IDLE", "")]);
        assert_eq!(environment.duration("IDLE", Duration::from_secs(7)), Duration::from_secs(7));
        assert_eq!(environment.finish(Some(1)), Ok(1));
    }

    #[test]
    fn lists_lose_blanks_and_empty_members() {
        assert_eq!(list(" a, b,,c ,"), Ok(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]));
    }
}
