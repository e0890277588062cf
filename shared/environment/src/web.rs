use crate::service::{Form, Path, service_url};
use url::{Host, Url};

/// The target of a browser or of one of our HTTP clients.
const WEB: Form = Form {
    schemes: &["https", "http"],
    login: false,
    path: Path::Any,
    members: &[],
    must: "must be an https URL (http only on localhost)",
};

/// The URL of a front end, of this API or of an HTTP service: `https`, or `http` on the loopback host; no query,
/// fragment or user.
///
/// # Errors
/// When the text is not such a URL, or browsers read it differently from how it is written (WHATWG URL): with blanks
/// that they drop, with backslashes, with `..`, with a host such as `127.1`.
pub fn web_url(value: &str) -> Result<Url, &'static str> {
    let read = service_url(value, &WEB)?;
    if read.scheme == "http" && !read.is_this_machine() {
        return Err(WEB.must);
    }
    let url = Url::parse(value).map_err(|_| "is not a URL")?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let path = if read.path.is_empty() { "/" } else { &read.path };
    let same = host == read.host
        && url.path() == path
        && read.port.or(url.port_or_known_default()) == url.port_or_known_default();
    if same { Ok(url) } else { Err("is not in its shortest form: browsers would read something else") }
}

/// The URL with these segments below another one, which may end with a slash.
pub fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// Whether a URL's host is this machine: `localhost` or a loopback address.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Environment;
    use proptest::prelude::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for (text, good) in [
            ("https://app.example.com", true),
            ("https://app.example.com/", true),
            ("https://app.example.com/auth/", true),
            ("https://App.Example.com:443/@me/%41", true),
            ("https://[2001:db8::1]:8443", true),
            ("http://localhost:9000", true),
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("http://app.example.com", false),
            ("http://localhost.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("https://user@example.com", false),
            ("https://@example.com", false),
            ("https://example.com?x=1", false),
            ("https://example.com?", false),
            ("https://example.com#x", false),
            ("https://example.com#", false),
            ("javascript:alert(1)", false),
            ("blob:https://example.com/x", false),
            ("", false),
        ] {
            assert_eq!(web_url(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn a_page_of_the_app_comes_before_the_one_below_the_api() {
        for (pairs, expected) in [
            (vec![("PUBLIC_URL", "https://login.example.com")], Some("https://login.example.com/password/reset")),
            (vec![("PUBLIC_URL", "https://example.com/auth/")], Some("https://example.com/auth/password/reset")),
            (
                vec![("PUBLIC_URL", "https://login.example.com"), ("PAGE", "https://a.example.com/x")],
                Some("https://a.example.com/x"),
            ),
            (vec![("PUBLIC_URL", "https://login.example.com"), ("PAGE", "/x")], None),
            (vec![("PAGE", "https://a.example.com/x")], None),
        ] {
            let mut environment = Environment::of(pairs.clone());
            let page = environment.page("PAGE", &["password", "reset"]);
            let page = environment.finish(page).ok();
            assert_eq!(page.as_ref().map(Url::as_str), expected, "{pairs:?}");
        }
    }

    /// ASVS 1.5.3: a text that two readers read differently is refused.
    #[test]
    fn what_browsers_would_correct_is_a_fault() {
        for text in [
            " https://example.com",
            "https://example.com ",
            "https://exa\tmple.com",
            "https://example.com\n",
            "https://example.com/a\r\nb",
            "https:example.com",
            "https:/example.com",
            "https:///example.com",
            "https:\\\\example.com",
            "https://example.com\\@evil.example",
            "https://example.com:",
            "https://example.com:0",
            "https://example.com:0443",
            "https://example.com:+443",
            "https://example.com:65536",
            "https://example.com/a/../b",
            "https://example.com/a/%2e%2e/b",
            "https://example.com/.",
            "https://example.com/%zz",
            "https://exa%6dple.com",
            "https://ex\u{e4}mple.com",
            "https://example.com/\u{e4}",
            "http://127.1",
            "http://0x7f000001",
            "http://2130706433",
            "http://[::1%25lo]",
            "http://[0:0:0:0:0:0:0:0]",
            "https://*.example.com",
            "https://-example.com",
            "https://example..com",
            "https://.",
            "https://",
        ] {
            assert!(web_url(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_url_that_is_taken_means_what_is_written(text in "https?://[a-zA-Z0-9@:/?#\\[\\]%.\\\\_-]{0,24}|\\PC*") {
            if let Ok(url) = web_url(&text) {
                let rest = text.split_once("://").unwrap().1;
                let place = rest.split('/').next().unwrap().to_ascii_lowercase();
                let port = url.port_or_known_default().unwrap();
                let host = url.host_str().unwrap();
                prop_assert!(place == host || place == format!("{host}:{port}"), "{} is {}", text, url);
            }
        }
    }
}
