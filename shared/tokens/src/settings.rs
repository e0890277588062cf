use environment::Environment;
use jiff::SignedDuration;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const YEAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The content of tokens and the lifetime of their keys, from the environment.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) issuer: String,
    pub(crate) lifetime: SignedDuration,
    pub(crate) audiences: Vec<String>,
    pub(crate) period: SignedDuration,
    pub(crate) wrap: Option<String>,
}

impl Settings {
    /// Reads `PUBLIC_URL` (required; the `iss` is that text without a trailing slash), `TOKEN_LIFETIME` (default `5m`;
    /// 1 s to 24 h), `TOKEN_AUDIENCES` (default `api`; the first is used if a caller names none) and `SIGNING_PERIOD`
    /// (default `30d`; 1 h to 366 d). Both durations are cut to whole seconds. `SIGNING_KEY_WRAP` names the key of AWS
    /// KMS that wraps new private keys (absent: they are not wrapped).
    ///
    /// `None` when there is no usable `PUBLIC_URL`; every fault is kept in `environment`.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let issuer = environment.required("PUBLIC_URL", issuer);
        let lifetime = within(environment, "TOKEN_LIFETIME", 5 * HOUR / 60, Duration::from_secs(1)..=DAY);
        let audiences = environment.default("TOKEN_AUDIENCES", vec!["api".to_owned()], audiences);
        let period = within(environment, "SIGNING_PERIOD", 30 * DAY, HOUR..=YEAR);
        let wrap = environment.optional("SIGNING_KEY_WRAP", wrap);
        Some(Self { issuer: issuer?, lifetime, audiences, period, wrap })
    }

    /// The audience of a token: the requested one, or the first. `None` when the requested one is not ours.
    pub(crate) fn audience(&self, asked: Option<&str>) -> Option<&str> {
        let mut ours = self.audiences.iter().map(String::as_str);
        match asked {
            Some(asked) => ours.find(|audience| *audience == asked),
            None => ours.next(),
        }
    }
}

/// The text as it was configured: verifiers compare `iss` byte for byte (RFC 7519 §4.1.1), so it is not normalised.
fn issuer(text: &str) -> Result<String, &'static str> {
    environment::web_url(text)?;
    Ok(text.trim_end_matches('/').to_owned())
}

fn audiences(text: &str) -> Result<Vec<String>, &'static str> {
    match environment::list(text) {
        Ok(list) if !list.is_empty() => Ok(list),
        _ => Err("names no audience"),
    }
}

/// An id, an ARN or an alias of a key (AWS KMS API, `Encrypt`, `KeyId`).
fn wrap(text: &str) -> Result<String, &'static str> {
    let known = |c: char| c.is_ascii_alphanumeric() || "-_/:".contains(c);
    match text.len() <= 2048 && text.chars().all(known) {
        true => Ok(text.to_owned()),
        false => Err("is no id, ARN or alias of a key of AWS KMS"),
    }
}

/// A duration whose bounds ensure that moments computed from it stay inside the calendar.
fn within(
    environment: &mut Environment,
    name: &str,
    default: Duration,
    bounds: std::ops::RangeInclusive<Duration>,
) -> SignedDuration {
    let asked = environment.duration(name, default);
    let duration = asked.clamp(*bounds.start(), *bounds.end());
    if asked != duration {
        environment.fault(name, format_args!("is not between {:?} and {:?}", bounds.start(), bounds.end()));
    }
    SignedDuration::from_secs(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, environment::Faults> {
        let mut environment = Environment::of(pairs.iter().copied());
        let config = Settings::from_environment(&mut environment);
        environment.finish(config)
    }

    fn faulty(pairs: &[(&str, &str)]) -> Vec<String> {
        read(pairs).expect_err("a fault").0.into_iter().map(|fault| fault.name).collect()
    }

    const URL: (&str, &str) = ("PUBLIC_URL", "https://login.example.com");

    #[test]
    fn the_defaults_are_five_minutes_thirty_days_and_the_audience_api() {
        let config = read(&[URL]).expect("a configuration");
        assert_eq!(config.lifetime, SignedDuration::from_mins(5));
        assert_eq!(config.period, SignedDuration::from_hours(30 * 24));
        assert_eq!(config.audiences, ["api"]);
    }

    #[test]
    fn the_issuer_is_the_public_url_as_configured_without_a_trailing_slash() {
        for (url, issuer) in [
            ("https://login.example.com", "https://login.example.com"),
            ("https://login.example.com/", "https://login.example.com"),
            ("https://app.example.com/auth/", "https://app.example.com/auth"),
            ("https://Login.Example.com:443", "https://Login.Example.com:443"),
        ] {
            assert_eq!(read(&[("PUBLIC_URL", url)]).expect("a configuration").issuer, issuer);
        }
    }

    #[test]
    fn a_missing_or_insecure_public_url_is_a_fault() {
        assert_eq!(faulty(&[]), ["PUBLIC_URL"]);
        assert_eq!(faulty(&[("PUBLIC_URL", "http://login.example.com")]), ["PUBLIC_URL"]);
    }

    #[test]
    fn durations_out_of_bounds_are_faults() {
        for (name, value) in [
            ("SIGNING_PERIOD", "59m"),
            ("SIGNING_PERIOD", "367d"),
            ("TOKEN_LIFETIME", "900ms"),
            ("TOKEN_LIFETIME", "25h"),
        ] {
            assert_eq!(faulty(&[URL, (name, value)]), [name], "{value}");
        }
        assert!(read(&[URL, ("SIGNING_PERIOD", "1h"), ("TOKEN_LIFETIME", "1s")]).is_ok());
        assert!(read(&[URL, ("SIGNING_PERIOD", "366d"), ("TOKEN_LIFETIME", "24h")]).is_ok());
    }

    #[test]
    fn what_wraps_is_named_as_kms_names_keys() {
        for name in [
            "alias/login-signing",
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
        ] {
            assert_eq!(read(&[URL, ("SIGNING_KEY_WRAP", name)]).expect("a configuration").wrap.as_deref(), Some(name));
        }
        assert_eq!(read(&[URL, ("SIGNING_KEY_WRAP", "")]).expect("a configuration").wrap, None);
        for text in ["alias/login signing", "https://kms.example.com?key=1", &"k".repeat(2049)] {
            assert_eq!(faulty(&[URL, ("SIGNING_KEY_WRAP", text)]), ["SIGNING_KEY_WRAP"], "{text}");
        }
    }

    #[test]
    fn a_list_without_an_audience_is_a_fault() {
        assert_eq!(faulty(&[URL, ("TOKEN_AUDIENCES", " , ")]), ["TOKEN_AUDIENCES"]);
    }

    #[test]
    fn whoever_asks_for_no_audience_gets_the_first_and_no_foreign_one_is_given() {
        let config = read(&[URL, ("TOKEN_AUDIENCES", "orders,billing")]).expect("a configuration");
        assert_eq!(config.audience(None), Some("orders"));
        assert_eq!(config.audience(Some("billing")), Some("billing"));
        for foreign in ["", "api", "Orders", "orders,billing", " orders"] {
            assert_eq!(config.audience(Some(foreign)), None, "{foreign:?}");
        }
    }
}
