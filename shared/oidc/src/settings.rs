use crate::{Provider, http::Http};
use environment::{Environment, is_loopback, provider_names, provider_variable, text, web_url};
use oauth2::{ClientId, ClientSecret};
use std::{ops::RangeInclusive, time::Duration};
use trust::Roots;

const SCOPES: &str = "openid email profile";
const GOOGLE: &str = "https://accounts.google.com";
/// The limit for all calls of one login together: less than a function has for a request that calls a provider.
const LIMIT: Duration = Duration::from_secs(7);
const LIMITS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(8);

/// The providers that people may sign in with, from the environment.
#[derive(Debug)]
pub struct Providers(Vec<Provider>);

/// The configuration of one provider.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Its name in routes, variables and `auth_method`.
    pub name: String,
    /// Its issuer, exactly as configured: issuers are compared as text, never as URLs (OpenID Connect Core 2). It lives
    /// as long as the process, so that errors can name it.
    pub issuer: &'static str,
    /// Whether the issuer is on this machine, so that plain `http` is safe.
    pub local: bool,
    pub client_id: ClientId,
    pub client_secret: ClientSecret,
    pub scopes: Vec<String>,
}

impl Providers {
    /// Reads `OIDC_PROVIDERS`, a comma list of names of `a-z`, `0-9` and `-` (default: none), and for each name, in capitals
    /// and with `_` for `-`:
    ///
    /// - `OIDC_<NAME>_ISSUER`: the issuer, `https`, or `http` on the loopback host (required, except for `google`);
    /// - `OIDC_<NAME>_CLIENT_ID` and `OIDC_<NAME>_CLIENT_SECRET` (required);
    /// - `OIDC_<NAME>_SCOPES`: separated by blanks, `openid` among them (default `openid email profile`).
    ///
    /// If there is a provider, also `OIDC_TIMEOUT`, the time limit for all calls of one login together (default `7s`; 1
    /// s to 8 s), and what [`Roots::from_environment`] reads.
    pub fn from_environment(environment: &mut Environment) -> Self {
        let names = environment.default("OIDC_PROVIDERS", Vec::new(), provider_names);
        if names.is_empty() {
            return Self(Vec::new());
        }
        let settings: Vec<_> = names.into_iter().filter_map(|name| Settings::read(name, environment)).collect();
        let limit = environment.duration("OIDC_TIMEOUT", LIMIT);
        if !LIMITS.contains(&limit) {
            environment.fault("OIDC_TIMEOUT", "is not between 1s and 8s");
        }
        let http = Http::new(Roots::from_environment(environment), limit);
        Self(settings.into_iter().map(|settings| Provider::new(settings, http.clone())).collect())
    }

    /// The same providers with another time limit for all calls of one login.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.0.iter_mut().for_each(|provider| provider.set_limit(limit));
        self
    }

    /// The provider of this name.
    pub fn find(&self, name: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.name() == name)
    }
}

impl Settings {
    /// `None` when a variable is missing or faulty; the environment remembers which.
    fn read(name: String, environment: &mut Environment) -> Option<Self> {
        let variable = |suffix| provider_variable(&name, suffix);
        let preset = (name == "google").then_some((GOOGLE, false));
        let found = match preset {
            Some(preset) => Some(environment.default(&variable("ISSUER"), preset, issuer)),
            None => environment.required(&variable("ISSUER"), issuer),
        };
        let client_id = environment.required(&variable("CLIENT_ID"), text);
        let client_secret = environment.required(&variable("CLIENT_SECRET"), text);
        let scopes = environment.default(&variable("SCOPES"), split(SCOPES), scopes);
        let (issuer, local) = found?;
        let (client_id, client_secret) = (ClientId::new(client_id?), ClientSecret::new(client_secret?));
        Some(Self { name, issuer, local, client_id, client_secret, scopes })
    }
}

fn issuer(value: &str) -> Result<(&'static str, bool), &'static str> {
    let url = web_url(value)?;
    Ok((String::leak(value.to_owned()), is_loopback(&url)))
}

fn scopes(value: &str) -> Result<Vec<String>, &'static str> {
    let scopes = split(value);
    if scopes.iter().any(|scope| scope == "openid") { Ok(scopes) } else { Err("must hold openid") }
}

fn split(value: &str) -> Vec<String> {
    value.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: [(&str, &str); 4] = [
        ("OIDC_PROVIDERS", "acme-id"),
        ("OIDC_ACME_ID_ISSUER", "https://id.acme.example/"),
        ("OIDC_ACME_ID_CLIENT_ID", "client"),
        ("OIDC_ACME_ID_CLIENT_SECRET", "TOP-SECRET"),
    ];

    /// The providers of `pairs`, or the text of all faults.
    fn read(pairs: &[(&str, &str)]) -> Result<Providers, String> {
        let mut environment = Environment::of(pairs.iter().copied());
        let providers = Providers::from_environment(&mut environment);
        environment.finish(Some(providers)).map_err(|faults| faults.to_string())
    }

    /// `ACME` with one variable changed.
    fn read_with(name: &'static str, value: &'static str) -> Result<Providers, String> {
        read(&[&ACME[..], &[(name, value)]].concat())
    }

    #[test]
    fn without_providers_nothing_is_needed() {
        assert!(read(&[]).unwrap().find("google").is_none());
    }

    #[test]
    fn a_provider_is_read_from_its_variables() {
        let providers = read(&ACME).unwrap();
        let settings = providers.find("acme-id").unwrap().settings();
        assert_eq!(settings.issuer, "https://id.acme.example/");
        assert_eq!(settings.client_id.as_str(), "client");
        assert_eq!(settings.client_secret.secret(), "TOP-SECRET");
        assert_eq!(settings.scopes, ["openid", "email", "profile"]);
        assert!(!settings.local);
        assert!(providers.find("acme").is_none());
    }

    #[test]
    fn google_needs_only_its_client() {
        let client = [("OIDC_GOOGLE_CLIENT_ID", "client"), ("OIDC_GOOGLE_CLIENT_SECRET", "TOP-SECRET")];
        let providers = read(&[&[("OIDC_PROVIDERS", "google")], &client[..]].concat()).unwrap();
        assert_eq!(providers.find("google").unwrap().settings().issuer, "https://accounts.google.com");
    }

    #[test]
    fn every_missing_variable_is_named() {
        let faults = read(&[("OIDC_PROVIDERS", "google,acme-id"), ("OIDC_ACME_ID_SCOPES", "email")]).unwrap_err();
        for name in [
            "OIDC_GOOGLE_CLIENT_ID",
            "OIDC_GOOGLE_CLIENT_SECRET",
            "OIDC_ACME_ID_ISSUER",
            "OIDC_ACME_ID_CLIENT_ID",
            "OIDC_ACME_ID_CLIENT_SECRET",
            "OIDC_ACME_ID_SCOPES",
        ] {
            assert!(faults.contains(&format!("{name}: ")), "{name} in {faults}");
        }
        assert!(!faults.contains("OIDC_GOOGLE_ISSUER"), "{faults}");
    }

    #[test]
    fn an_issuer_is_https_or_this_machine_and_nothing_but_an_issuer() {
        for (issuer, good) in [
            ("http://localhost:1", true),
            ("http://127.0.0.1:1/realm", true),
            ("http://id.acme.example", false),
            ("https://id.acme.example?tenant=1", false),
            ("https://id.acme.example#x", false),
            ("https://user@id.acme.example", false),
            (" https://id.acme.example", false),
            ("https://id.acme.exa\tmple", false),
            ("id.acme.example", false),
        ] {
            let read = read_with("OIDC_ACME_ID_ISSUER", issuer);
            assert_eq!(read.is_ok(), good, "{issuer}");
            assert!(read.err().is_none_or(|faults| faults.contains("OIDC_ACME_ID_ISSUER: ")), "{issuer}");
        }
    }

    #[test]
    fn scopes_hold_openid() {
        let providers = read_with("OIDC_ACME_ID_SCOPES", " openid  phone ").unwrap();
        assert_eq!(providers.find("acme-id").unwrap().settings().scopes, ["openid", "phone"]);
        for scopes in ["email", "openidx", "OPENID", " "] {
            assert!(
                read_with("OIDC_ACME_ID_SCOPES", scopes).unwrap_err().contains("OIDC_ACME_ID_SCOPES: "),
                "{scopes}"
            );
        }
    }

    /// The rest of the time of a function's request is for the stores.
    #[test]
    fn the_time_of_a_login_is_bounded() {
        for (limit, good) in
            [("1s", true), ("3500ms", true), ("8s", true), ("999ms", false), ("9s", false), ("1d", false)]
        {
            let read = read_with("OIDC_TIMEOUT", limit);
            assert_eq!(read.is_ok(), good, "{limit}");
            assert!(read.err().is_none_or(|faults| faults.contains("OIDC_TIMEOUT: ")), "{limit}");
        }
        assert!(LIMITS.contains(&LIMIT));
    }

    #[test]
    fn debug_shows_no_client_secret() {
        let text = format!("{:?}", read(&ACME).unwrap());
        assert!(text.contains("id.acme.example") && !text.contains("TOP-SECRET"), "{text}");
    }
}
