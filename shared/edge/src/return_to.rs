use crate::{Problem, gate::allowed_origins};
use environment::Environment;
use url::Url;

/// The longest URL to return to, in bytes, as the login cookie carries it. Four of those cookies go with every request
/// in addition to the session's, and the gateway takes 10,240 bytes of headers.
const LONGEST: usize = 1024;

/// Where a browser may be sent after a login: the app, an allowlisted origin, or the page of the account (OWASP ASVS
/// 3.7.2).
#[derive(Clone, Debug)]
pub struct ReturnTo {
    app: Url,
    account: Url,
    origins: Vec<String>,
}

impl ReturnTo {
    /// Reads `APP_URL`, `ALLOWED_ORIGINS` and `PUBLIC_URL`.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let app = environment.required("APP_URL", environment::web_url);
        let mut origins = allowed_origins(environment);
        let public_url = environment.required("PUBLIC_URL", environment::web_url);
        let (app, public_url) = (app?, public_url?);
        let account = environment::below(&public_url, &["account"]);
        origins.push(app.origin().ascii_serialization());
        Some(Self { app, account, origins })
    }

    /// Checks the requested target: nothing, a path of the app, or a URL of an allowlisted origin.
    ///
    /// # Errors
    /// [`Problem::BadRequest`] for anything else.
    pub fn judge(&self, asked: Option<&str>) -> Result<Url, Problem> {
        let Some(text) = asked else { return Ok(self.app.clone()) };
        let refuse = || Problem::BadRequest("return_to is neither a path of the app nor an allowed URL.".to_owned());
        // Before the URL parser, which drops or rewrites these (WHATWG URL, "special" schemes).
        if text.contains(|c: char| c <= ' ' || c == '\u{7f}' || c.is_control() || c == '\\') {
            return Err(refuse());
        }
        let is_path = text.starts_with('/') && !text.starts_with("//");
        let parsed = if is_path { self.app.join(text) } else { Url::parse(text) };
        let url = parsed.map_err(|_| refuse())?;
        // A blob URL has the origin of the page that made it.
        let plain = url.scheme() != "blob" && url.username().is_empty() && url.password().is_none();
        match () {
            () if !(plain && (self.has_origin_of(&url) || self.is_account(&url))) => Err(refuse()),
            () if url.as_str().len() > LONGEST => Err(too_long()),
            () => Ok(url),
        }
    }

    /// Whether a URL is the page of the account, with any query.
    fn is_account(&self, url: &Url) -> bool {
        url.origin() == self.account.origin() && url.path() == self.account.path()
    }

    /// Whether a URL belongs to the app, or to an allowlisted origin.
    pub(crate) fn has_origin_of(&self, url: &Url) -> bool {
        self.origins.contains(&url.origin().ascii_serialization())
    }
}

fn too_long() -> Problem {
    Problem::BadRequest(format!("return_to is longer than {LONGEST} bytes as a URL."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn return_to() -> ReturnTo {
        let mut environment = Environment::of([
            ("APP_URL", "https://app.example.com/home"),
            ("ALLOWED_ORIGINS", "https://admin.example.com"),
            ("PUBLIC_URL", "https://login.example.com/auth"),
        ]);
        let return_to = ReturnTo::from_environment(&mut environment);
        environment.finish(return_to).unwrap()
    }

    #[test]
    fn the_app_and_allowlisted_origins_are_returned_to() {
        for (asked, url) in [
            (None, "https://app.example.com/home"),
            (Some("/"), "https://app.example.com/"),
            (Some("/inbox?x=1#y"), "https://app.example.com/inbox?x=1#y"),
            (Some("https://admin.example.com/users"), "https://admin.example.com/users"),
            (Some("https://login.example.com/auth/account"), "https://login.example.com/auth/account"),
            (Some("HTTPS://APP.example.com:443/a"), "https://app.example.com/a"),
            // Encoded slashes are part of a path on our host.
            (Some("/%2f%2fevil.example"), "https://app.example.com/%2f%2fevil.example"),
            (Some("/%252f%252fevil.example"), "https://app.example.com/%252f%252fevil.example"),
            (Some("/.//evil.example"), "https://app.example.com//evil.example"),
        ] {
            assert_eq!(return_to().judge(asked).unwrap().as_str(), url);
        }
    }

    /// ASVS 3.7.2.
    #[test]
    fn nothing_else_is_returned_to() {
        for asked in [
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:\\\\evil.example",
            "/\tevil.example",
            "/\n/evil.example",
            "\thttps://app.example.com",
            " https://app.example.com",
            "https://app.example.com@evil.example",
            "https://login.example.com",
            "https://login.example.com/account",
            "https://login.example.com/auth/logout",
            "https://login.example.com/auth/account/x",
            "https://user@app.example.com",
            "https://:secret@app.example.com",
            "https://app.example.com.evil.example",
            "https://evilapp.example.com",
            "https://app.example.com:8443",
            "http://app.example.com",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "blob:https://app.example.com/x",
            "ftp://app.example.com",
            "https:evil.example",
            "https:/evil.example",
            "https://evil.example",
            "https://%61pp.example.com.evil.example",
            "https://аpp.example.com",
            "%2f%2fevil.example",
            "evil.example",
            "inbox",
            "",
            "https://",
            "/\u{85}",
        ] {
            assert!(return_to().judge(Some(asked)).is_err(), "{asked:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_told_so() {
        let judged = |path: String| return_to().judge(Some(&path));
        let host = "https://app.example.com".len();
        assert!(judged(format!("/{}", "a".repeat(1024 - host - 1))).is_ok());
        // The second one has 600 bytes as requested, 1,800 as stored.
        for path in [format!("/{}", "a".repeat(1024 - host)), format!("/{}", "é".repeat(300)), "/a".repeat(550)] {
            let Err(Problem::BadRequest(detail)) = judged(path) else { panic!("not refused") };
            assert_eq!(detail, "return_to is longer than 1024 bytes as a URL.");
        }
        let elsewhere = judged(format!("https://evil.example/{}", "a".repeat(2000)));
        assert!(matches!(elsewhere, Err(Problem::BadRequest(detail)) if detail.contains("allowed")));
    }

    proptest! {
        #[test]
        fn whatever_is_asked_the_answer_is_on_an_allowed_origin(asked in "\\PC*|[/\\\\a-z:@.%#?]{0,24}") {
            if let Ok(url) = return_to().judge(Some(&asked)) {
                prop_assert!(["app.example.com", "admin.example.com", "login.example.com"].contains(&url.host_str().unwrap()));
                prop_assert_eq!(url.scheme(), "https");
            }
        }
    }
}
