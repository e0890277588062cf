mod shown;

use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::read::GzDecoder;
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, fmt, io::Read};

/// The answer of a function, as API Gateway reads it. Its `Display` form is for snapshots: everything, with random
/// values replaced by their names.
///
/// Some rules hold for every answer, and are checked for each one that a test gets: the security headers (OWASP ASVS
/// 3.4.1–3.4.6, 14.3.2), the attributes and the length of cookies (3.3.1–3.3.5), and that the secret of a cookie
/// appears nowhere else (3.3.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers except `Set-Cookie`, by name in lower case.
    pub headers: BTreeMap<String, String>,
    /// Each `Set-Cookie`, whole.
    pub cookies: Vec<String>,
    /// The body, decoded; empty where there is none.
    pub body: String,
}

/// The headers of every answer, except `Cache-Control` and `Content-Security-Policy`.
const SECURITY: [(&str, &str); 4] = [
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// What pages load, which never changes below an address that names its content.
const FILES: [&str; 3] = ["text/javascript; charset=utf-8", "text/css; charset=utf-8", "image/svg+xml"];

impl Reply {
    /// Reads what the runtime sends back.
    ///
    /// # Panics
    /// When the answer breaks a rule that holds for every answer.
    pub fn of(response: &impl Serialize) -> Self {
        let response = serde_json::to_value(response).expect("an answer that the runtime can send");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let headers = response["headers"].as_object().expect("headers");
        let body = response["body"].as_str().unwrap_or_default();
        let body = match response["isBase64Encoded"].as_bool().expect("whether it is base64") {
            true => BASE64_STANDARD.decode(body).expect("base64"),
            false => body.as_bytes().to_vec(),
        };
        let reply = Self {
            status: response["statusCode"].as_u64().and_then(|status| status.try_into().ok()).expect("a status"),
            headers: headers.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            cookies: response["cookies"].as_array().expect("cookies").iter().map(text).collect(),
            body: String::new(),
        };
        let reply = reply.with_body(&body);
        reply.check_headers();
        reply.cookies.iter().for_each(|cookie| reply.check_cookie(cookie));
        reply
    }

    /// With this body, which is decoded as the headers say.
    ///
    /// # Panics
    /// When it is no text.
    #[must_use]
    pub fn with_body(mut self, bytes: &[u8]) -> Self {
        match self.header("content-encoding") {
            Some("gzip") => drop(GzDecoder::new(bytes).read_to_string(&mut self.body).expect("a text in gzip")),
            None => std::str::from_utf8(bytes).expect("a text").clone_into(&mut self.body),
            other => panic!("{other:?}: {self:?}"),
        }
        self
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The value that a `Set-Cookie` gives to `name`: empty when it removes the cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let mut values = self.cookies.iter().filter_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='));
        let value = values.next()?.split(';').next();
        assert_eq!(values.next(), None, "{name} is set twice");
        value
    }

    /// The body.
    ///
    /// # Panics
    /// When it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The last part of a problem's `type`.
    ///
    /// # Panics
    /// When the answer is not a problem.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status, "{self:?}");
        let slug = body["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/"));
        slug.unwrap_or_else(|| panic!("a problem of no type: {self:?}")).to_owned()
    }

    /// The same without the request id: what clients can tell apart.
    #[must_use]
    pub fn without_instance(&self) -> Self {
        let mut body = self.json();
        body["instance"].take();
        Self { body: body.to_string(), ..self.clone() }
    }

    fn check_headers(&self) {
        for (name, value) in SECURITY {
            assert_eq!(self.header(name), Some(value), "{name}: {self:?}");
        }
        let is_page = self.header("content-type") == Some("text/html; charset=utf-8");
        let policy = self.header("content-security-policy").unwrap_or_default();
        // A browser does not show a sandboxed page with an opener policy. Everything else is shown in a sandbox, if at
        // all.
        let common = ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"];
        assert!(common.iter().all(|rule| policy.split("; ").any(|own| own == *rule)), "{self:?}");
        assert_eq!(policy.split("; ").any(|own| own == "sandbox"), !is_page, "{self:?}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{self:?}");
        assert_eq!(self.header("cross-origin-opener-policy"), is_page.then_some("same-origin"), "{self:?}");
        let is_key_set = self.cookies.is_empty() && self.body.starts_with(r#"{"keys":[{"#);
        let is_file = self.cookies.is_empty() && self.header("content-type").is_some_and(|kind| FILES.contains(&kind));
        match self.header("cache-control") {
            Some("no-store") => {}
            Some("public, max-age=300" | "public, max-age=30") if is_key_set => {}
            Some("public, max-age=31536000, immutable") if is_file => {}
            other => panic!("cache-control is {other:?}: {self:?}"),
        }
        assert_eq!(self.body.is_empty(), self.header("content-type").is_none(), "a body and its type: {self:?}");
        let printable = |text: &str| text.chars().all(|c| matches!(c, ' '..='~'));
        assert!(self.headers.values().chain(&self.cookies).all(|text| printable(text)), "{self:?}");
    }

    fn check_cookie(&self, cookie: &str) {
        assert!(cookie.len() < 4096, "{} bytes: {cookie}", cookie.len());
        let mut parts = cookie.split("; ");
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie");
        let mut attributes: Vec<_> = parts.collect();
        attributes.sort_unstable();
        let is_login = name.starts_with("__Host-login_");
        assert!(name.starts_with("__Host-"), "{cookie}");
        let [http_only, max_age, path, same_site, secure] = attributes[..] else { panic!("attributes of {cookie}") };
        assert_eq!((http_only, path, secure), ("HttpOnly", "Path=/", "Secure"), "{cookie}");
        assert!(["None", "Lax", "Strict"].map(|value| format!("SameSite={value}")).contains(&same_site.to_owned()));
        // Begun by a navigation; or by `fetch`, perhaps from another site.
        let fits = same_site == "SameSite=Lax" || (self.status == 200 && same_site == "SameSite=None");
        assert!(!is_login || fits, "{cookie}");
        let seconds = max_age.strip_prefix("Max-Age=").and_then(|seconds| seconds.parse::<u64>().ok());
        assert_eq!(seconds.expect("a life") == 0, value.is_empty(), "{cookie}");

        if name == edge::LANGUAGE {
            return;
        }
        let elsewhere = self.headers.values().chain([&self.body]).any(|text| text.contains(value));
        assert!(value.is_empty() || !elsewhere, "a cookie's secret stands elsewhere: {self:?}");
    }
}

/// Checks the answer to a request that the stores could not answer: try again, the session cookie stays, and nothing
/// internal is visible (OWASP ASVS 16.5.1, 16.5.2).
///
/// # Panics
/// When the answer differs from this.
pub fn unavailable(reply: &Reply) {
    assert_eq!((reply.status, &*reply.problem(), reply.header("retry-after")), (503, "unavailable", Some("1")));
    assert_eq!((reply.cookie(crate::COOKIE), reply.header("clear-site-data")), (None, None), "{reply:?}");
    for internal in ["Dynamo", "dynamo", "Redis", "redis", "127.0.0.1", "table", "test-", "key", "Error"] {
        assert!(!reply.body.contains(internal), "{internal}: {reply:?}");
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&shown::shown(self))
    }
}
