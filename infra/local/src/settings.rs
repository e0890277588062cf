//! The variables that the functions are started with.

mod file;

use crate::{failure::Failure, greeting::DEMO, mail};
use ::host::Cors;
use environment::Environment;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The variables that configure the API. If the caller sets one of these, that value wins; so does every variable of a
/// provider, which starts with `OIDC_`.
const CONTRACT: [&str; 45] = [
    "ACCOUNT_URL",
    "ALLOWED_ORIGINS",
    "APP_URL",
    "ARGON2_MEMORY_KIB",
    "ARGON2_TIME_COST",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "BRAND_COLOR",
    "BRAND_LOGO_URL",
    "BRAND_NAME",
    "COOKIE_NAME",
    "COOKIE_SAMESITE",
    "DEVICES_PER_USER",
    "DEVICE_ABSOLUTE",
    "DEVICE_GRACE",
    "DEVICE_IDLE",
    "LOGOUT_CLEARS",
    "LOG_SAMPLE",
    "MAIL_CONFIGURATION_SET",
    "MAIL_FROM",
    "METRICS_NAMESPACE",
    "OIDC_PROVIDERS",
    "PASSWORD_BREACH_URL",
    "PASSWORD_MIN_LENGTH",
    "PASSWORD_RESET_URL",
    "PUBLIC_URL",
    "REDIS_URL",
    "REGISTER_VERIFY_URL",
    "SESSIONS_PER_USER",
    "SESSION_ABSOLUTE",
    "SESSION_IDLE",
    "SESSION_RENEW_AFTER",
    "SIGNING_KEY_WRAP",
    "SIGNING_PERIOD",
    "SIGN_IN_NOTICE",
    "SIGN_IN_URL",
    "SMTP_URL",
    "SSL_CERT_FILE",
    "START_PAGE",
    "SUPPORT_EMAIL",
    "TABLE_PREFIX",
    "TERMS_URL",
    "TOKEN_AUDIENCES",
    "TOKEN_LIFETIME",
    "TRUSTED_PROXY_HEADER",
    "TRUSTED_PROXY_HOPS",
];

/// The ports at which the usual tools serve a front end.
const FRONT_ENDS: [u16; 2] = [5173, 3000];

/// Variables by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The given variables that configure the API. An empty one counts as absent, as in the functions.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = |name: &str| CONTRACT.contains(&name) || name.starts_with("OIDC_");
        Self(variables.into_iter().filter(|(name, value)| ours(name) && !value.is_empty()).collect())
    }

    /// The variables of this process that configure the API.
    pub fn of_process() -> Self {
        Self::of(
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets a variable that the caller has not set.
    pub fn set_default(&mut self, name: &str, value: impl Into<String>) {
        self.0.entry(name.to_owned()).or_insert_with(|| value.into());
    }

    /// Sets a variable, even if the caller has set it.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Removes a variable.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Sets what the functions need to run behind the front on `port`, except the stores.
    pub fn complete(&mut self, port: u16, https: bool) {
        let here = here(port, https);
        // The SDK requires a region and credentials, though nothing checks them; the caller's own never get this far.
        self.set_default("AWS_REGION", "us-east-1");
        self.set_default("AWS_ACCESS_KEY_ID", "local");
        self.set_default("AWS_SECRET_ACCESS_KEY", "local");
        self.set_default("TABLE_PREFIX", "auth-");
        self.set_default("PUBLIC_URL", &here);
        // No front end is served here: after a sign-in, this page shows who is signed in.
        self.set_default("APP_URL", format!("{here}/account"));
        // To a browser, http and https are two sites: it keeps no cookie of the one for a page of the other.
        let apps = FRONT_ENDS.map(|port| self::here(port, https)).join(",");
        self.set_default("ALLOWED_ORIGINS", format!("{here},{apps}"));
        self.0.entry("ALLOWED_ORIGINS".to_owned()).and_modify(|origins| *origins = without_slashes(origins));
        self.set_default("SMTP_URL", mail_server(port));
        self.set_default("MAIL_FROM", "Example <login@example.com>");
        if self.get("PUBLIC_URL") == Some(&here) {
            self.set_default("START_PAGE", self.start_page(port));
        }
        self.set_default("BRAND_NAME", "Example");
        self.set_default("OIDC_PROVIDERS", "local");
        self.set_default("OIDC_LOCAL_LABEL", "Local ID");
        self.set_default("OIDC_LOCAL_ISSUER", issuer(port));
        self.set_default("OIDC_LOCAL_CLIENT_ID", "local-client");
        self.set_default("OIDC_LOCAL_CLIENT_SECRET", "local-client-secret");
        self.set_default("OIDC_LOCAL_SCOPES", "openid email profile");
    }

    /// What the start page tells: it holds the password of the demo user, so it is for this machine only.
    fn start_page(&self, port: u16) -> String {
        let mails = mail::is_wanted(port, self).then(|| mail::page(port));
        serde_json::json!({ "email": DEMO.email, "password": DEMO.password, "mails": mails }).to_string()
    }

    /// Judges all variables, as the functions will, before anything is built or started.
    ///
    /// # Errors
    /// [`Failure::Settings`] with every fault.
    pub fn judge(&self) -> Result<(), Failure> {
        let mut environment = Environment::of(self.pairs());
        // Nothing is asked.
        let aws = stand::sdk_config("http://localhost:1");
        let functions = ::host::Functions::wire(&mut environment, &aws);
        let background = ::host::Background::wire(&mut environment, &aws, ::host::Pace::default(), Timestamp::now);
        environment.finish(functions.zip(background))?;
        Ok(())
    }

    /// Which pages may read the answers, as the gateway of a deployment is told.
    ///
    /// # Errors
    /// [`Failure::Settings`] when an origin is none.
    pub fn cors(&self) -> Result<Cors, Failure> {
        let mut environment = Environment::of(self.pairs());
        let cors = Cors::from_environment(&mut environment);
        Ok(environment.finish(Some(cors))?)
    }

    /// All variables, by name.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A list of origins, as browsers send them: without the slash that an address has when it is copied.
fn without_slashes(origins: &str) -> String {
    origins.split(',').map(|origin| origin.trim().trim_end_matches('/')).collect::<Vec<_>>().join(",")
}

/// Where browsers reach the front on `port`.
pub fn here(port: u16, https: bool) -> String {
    format!("{}://localhost:{port}", if https { "https" } else { "http" })
}

/// Where the OpenID Connect provider beside the gateway on `port` is.
pub fn issuer(port: u16) -> String {
    format!("http://localhost:{}", port + 1)
}

/// Where the mail server beside the gateway on `port` is.
pub fn mail_server(port: u16) -> String {
    format!("smtp://127.0.0.1:{}", port + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_developer_has_a_start_page_with_the_demo_user_and_the_mails() {
        for (variables, told) in [
            (vec![], Some(Some("http://localhost:9002"))),
            (vec![pair("SMTP_URL", "smtp://127.0.0.1:25")], Some(None)),
            (vec![pair("PUBLIC_URL", "https://tunnel.example.com")], None),
        ] {
            let mut settings = Settings::of(variables);
            settings.complete(9000, false);
            let start = settings.get("START_PAGE").map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap());
            assert_eq!(start.as_ref().map(|start| start["mails"].as_str()), told);
            assert!(start.is_none_or(|start| start["password"] == DEMO.password));
        }
    }

    #[test]
    fn what_the_caller_has_set_wins_and_what_is_not_ours_is_left_out() {
        let callers = [("SESSION_IDLE", "1m"), ("PUBLIC_URL", "http://localhost:1"), ("APP_URL", ""), ("PATH", "/bin")];
        let mut settings = Settings::of(callers.map(|(name, value)| pair(name, value)));
        settings.complete(9000, false);
        assert_eq!(settings.get("SESSION_IDLE"), Some("1m"));
        assert_eq!(settings.get("PUBLIC_URL"), Some("http://localhost:1"));
        assert_eq!(settings.get("APP_URL"), Some("http://localhost:9000/account"));
        assert_eq!(settings.get("OIDC_LOCAL_ISSUER"), Some("http://localhost:9001"));
        assert_eq!(settings.get("SMTP_URL"), Some("smtp://127.0.0.1:9003"));
        assert_eq!(settings.get("PATH"), None);
    }

    #[test]
    fn an_origin_may_be_copied_from_the_address_bar() {
        let mut settings = Settings::of([pair("ALLOWED_ORIGINS", "https://app.example.com/, http://localhost:5173")]);
        settings.complete(9000, false);
        assert_eq!(settings.get("ALLOWED_ORIGINS"), Some("https://app.example.com,http://localhost:5173"));
        settings.judge().unwrap();
    }

    #[test]
    fn every_fault_is_a_line_of_its_own() {
        let faulty = [("SESSION_IDLE", "x"), ("PUBLIC_URL", "here"), ("OIDC_LOCAL_SCOPES", "email"), ("SMTP_URL", "x")];
        let mut settings = Settings::of(faulty.map(|(name, value)| pair(name, value)));
        settings.complete(9000, false);
        let text = settings.judge().unwrap_err().to_string();
        let mut names: Vec<_> = text.lines().skip(1).filter_map(|line| line.trim().split(':').next()).collect();
        names.sort_unstable();
        assert_eq!(names, ["OIDC_LOCAL_SCOPES", "PUBLIC_URL", "SESSION_IDLE", "SMTP_URL"], "{text}");
    }

    #[test]
    fn the_callers_own_cloud_credentials_never_reach_the_functions() {
        let mut settings = Settings::of([pair("AWS_ACCESS_KEY_ID", "AKIA"), pair("AWS_SECRET_ACCESS_KEY", "theirs")]);
        settings.complete(9000, false);
        assert_eq!(settings.get("AWS_ACCESS_KEY_ID"), Some("local"));
        assert_eq!(settings.get("AWS_SECRET_ACCESS_KEY"), Some("local"));
    }
}
