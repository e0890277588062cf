mod presented;

pub(crate) use presented::Presented;

use crate::{Keepsake, LANGUAGE};
use cookie::{Cookie, SameSite, time};
use environment::Environment;
use jiff::Timestamp;
use std::{fmt, time::Duration};

/// How the session cookie is written: `COOKIE_NAME` and `COOKIE_SAMESITE`.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub name: String,
    pub same_site: SameSite,
}

impl Settings {
    /// Only `__Host-` names are accepted: the prefix binds the cookie to this host, all its paths, and TLS (RFC 6265bis
    /// 4.1.3.2).
    pub fn from_environment(environment: &mut Environment) -> Self {
        let name = environment.default("COOKIE_NAME", "__Host-session_id".to_owned(), |name| {
            let rest = name.strip_prefix("__Host-").ok_or("must start with __Host-")?;
            let is_ours = rest.starts_with("login_")
                || name == LANGUAGE
                || Keepsake::ALL.iter().any(|other| other.name() == name);
            if !rest.is_empty() && is_plain(name) && !is_ours {
                Ok(name.to_owned())
            } else {
                Err("must be letters, digits, _ . - after __Host-, and not login_…, registration, browser or language")
            }
        });
        let same_site = environment.default("COOKIE_SAMESITE", SameSite::None, |value| match value {
            "None" => Ok(SameSite::None),
            "Lax" => Ok(SameSite::Lax),
            "Strict" => Ok(SameSite::Strict),
            _ => Err("is not None, Lax or Strict"),
        });
        Self { name, same_site }
    }
}

/// What an [`Answer`](crate::Answer) accepts as a cookie: the value of a `Set-Cookie`, or nothing.
pub trait SetCookie {
    /// The cookie must not reach the browser before this moment.
    fn held_until(&self) -> Option<Timestamp> {
        None
    }

    /// The value of the `Set-Cookie`.
    fn line(self) -> Option<String>;
}

impl SetCookie for String {
    fn line(self) -> Option<String> {
        Some(self)
    }
}

impl<C: SetCookie> SetCookie for Option<C> {
    fn held_until(&self) -> Option<Timestamp> {
        self.as_ref().and_then(C::held_until)
    }

    fn line(self) -> Option<String> {
        self.and_then(C::line)
    }
}

/// The session cookie. It says itself when it may go out, so no handler can forget to wait.
#[derive(Clone, Debug)]
pub struct SessionCookie {
    pub(crate) line: String,
    pub(crate) held_until: Option<Timestamp>,
}

impl SetCookie for SessionCookie {
    fn held_until(&self) -> Option<Timestamp> {
        self.held_until
    }

    fn line(self) -> Option<String> {
        Some(self.line)
    }
}

impl fmt::Display for SessionCookie {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.line)
    }
}

/// Whether a name is safe wherever it is written: a few letters, digits, `_`, `-` and `.`.
pub(crate) fn is_plain(name: &str) -> bool {
    name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// A `Set-Cookie` value with every attribute that protects a secret: OWASP ASVS 3.3.1–3.3.4.
pub(crate) fn write(name: &str, value: &str, same_site: SameSite, max_age: Duration) -> String {
    let max_age = time::Duration::try_from(max_age).unwrap_or(time::Duration::ZERO);
    Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(same_site)
        .max_age(time::Duration::seconds(max_age.whole_seconds()))
        .to_string()
}
