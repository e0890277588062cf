use super::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

const FORM: Form = Form {
    schemes: &["cache", "caches"],
    login: true,
    path: Path::Number,
    members: &[("cluster", &["true", "false"]), ("mode", &["a"])],
    must: "MUST",
};

fn fault(text: &str) -> &'static str {
    service_url(text, &FORM).map(|url| format!("{url:?}")).expect_err(text)
}

#[test]
fn a_url_is_taken_apart_and_decoded() {
    let url =
        service_url("caches://us%65r:p%40%3a%23%C3%A9@Cache_1.example.com:6380/3?mode=a&cluster=true", &FORM).unwrap();
    let login = url.login.as_ref().unwrap();
    assert_eq!((url.scheme, &*login.user, &*login.password), ("caches", "user", "p@:#\u{e9}"));
    assert_eq!((&*url.host, url.port, &*url.path), ("cache_1.example.com", Some(6380), "/3"));
    assert_eq!((url.member("cluster"), url.member("mode"), url.member("other")), (Some("true"), Some("a"), None));
    let url = service_url("CACHE://[2001:DB8::1]", &FORM).unwrap();
    assert_eq!((url.scheme, &*url.host, url.port, &*url.path, url.login), ("cache", "2001:db8::1", None, "", None));
    let url = service_url("cache://:a:b@127.0.0.1/", &FORM).unwrap();
    assert!(url.is_this_machine());
    assert_eq!(url.login, Some(Login { user: String::new(), password: "a:b".to_owned() }));
}

/// The password was not encoded: a lenient reader finds another host.
#[test]
fn a_password_that_was_not_encoded_is_told_so() {
    for password in [
        "12#34",
        "12/34",
        "12?34",
        "a@b",
        "a%b",
        "a%",
        "a%4",
        "a%4\u{e9}",
        "a\\b",
        "a[b",
        "a]b",
        "a^b",
        "a|b",
        "\u{e9}",
        "#",
        "/",
        "?",
        "@",
        "%",
    ] {
        for text in [format!("cache://user:{password}@host:6379"), format!("caches://AKIA:465{password}@host/1?mode=a")]
        {
            assert_eq!(fault(&text), ENCODE, "{text}");
        }
    }
}

#[test]
fn what_is_not_known_is_a_fault() {
    for text in [
        "cache:host",
        "cache:/host",
        "//host",
        "host",
        "host:6379",
        "",
        "other://host",
        "cache+tls://host",
        "://host",
        "cache://host/x",
        "cache://host/1/2",
        "cache://host/-1",
        "cache://host//",
        "cache://host/%31",
        "cache://host?",
        "cache://host?ssl=true",
        "cache://host?cluster",
        "cache://host?cluster=",
        "cache://host?cluster=yes",
        "cache://host?cluster=true&cluster=true",
        "cache://host?cluster=true&",
        "cache://host?clu%73ter=true",
        "cache://host?cluster=true&ssl=true",
        "cache://host?Cluster=true",
    ] {
        assert_eq!(fault(text), "MUST", "{text}");
    }
    for text in ["cache://host#", "cache://host#insecure", "cache://host/1#x", "cache://host?mode=a#x"] {
        assert_eq!(fault(text), "must not carry a query or fragment", "{text}");
    }
}

#[test]
fn a_host_is_one_that_there_can_be() {
    for host in [
        "",
        "a..b",
        ".",
        ".a",
        "a.",
        "-a",
        "a-",
        "a*b",
        "a%41",
        "127.1",
        "1",
        "0x7f.1",
        "0x7f000001",
        "256.1.1.1",
        "127.0.0.01",
        "0.0.0.0",
        "[::]",
        "[::1",
        "::1]",
        "[]",
        "[1.2.3.4]",
        "[fe80::1%25eth0]",
        "[::1]x",
        "a[::1]",
        "a,b",
        "a;b",
        "a(b",
        &"a".repeat(64),
        &["a"; 128].join("."),
    ] {
        assert!(service_url(&format!("cache://{host}"), &FORM).is_err(), "{host}");
    }
    for host in ["a", "localhost", "a-b.c_d", "_a", "1a", "xn--mnchen-3ya.example", "10.0.0.1", "[::1]"] {
        assert!(service_url(&format!("cache://{host}"), &FORM).is_ok(), "{host}");
    }
}

#[test]
fn a_port_is_a_whole_number() {
    for port in ["", "0", "65536", "-1", "+1", "1_0", "080", "0x1", "abc", "1:2", "99999999999"] {
        assert!(fault(&format!("cache://host:{port}")).contains("port"), "{port}");
    }
}

#[test]
fn a_login_is_a_user_and_a_password() {
    for login in ["user", "user:", ":", "", "us%00er:word", "user:wo%0ard", "user:%ff"] {
        assert!(service_url(&format!("cache://{login}@host"), &FORM).is_err(), "{login:?}");
    }
}

#[test]
fn blanks_and_control_characters_are_faults() {
    for blank in [" ", "\t", "\n", "\r", "\0", "\u{7f}", "\u{85}", "\u{a0}", "\u{2000}"] {
        for text in [
            format!("{blank}cache://host"),
            format!("cache://host{blank}"),
            format!("cache://ho{blank}st"),
            format!("ca{blank}che://host"),
            format!("cache://u:p{blank}w@host"),
        ] {
            assert_eq!(fault(&text), "must not hold blanks or control characters", "{text:?}");
        }
    }
}

#[test]
fn debug_shows_no_password() {
    let url = service_url("cache://user:hunter2@host", &FORM).unwrap();
    assert_eq!(
        format!("{url:?} {:?}", url.login),
        r#"ServiceUrl { scheme: "cache", host: "host", .. } Some(Login(…))"#
    );
}

proptest! {
    #[test]
    fn what_is_encoded_comes_back(user in "[^\\p{Cc}]{0,12}", password in "[^\\p{Cc}]{1,24}", port in 1_u16.., number: u16) {
        let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let text = format!("cache://{}:{}@host:{port}/{number}", encode(&user), encode(&password));
        let url = service_url(&text, &FORM).unwrap();
        prop_assert_eq!(url.login, Some(Login { user, password }));
        prop_assert_eq!((&*url.host, url.port, url.path), ("host", Some(port), format!("/{number}")));
    }

    #[test]
    fn no_password_is_repeated_and_no_text_breaks_the_reader(password in "\\PC*", text in "\\PC*|caches?://[a-z@:/?#%&=\\[\\]0-9]*") {
        let read = service_url(&format!("cache://user:SECRET{password}@host?x"), &FORM);
        prop_assert!(!read.expect_err("a query").contains("SECRET"));
        let _ = service_url(&text, &FORM);
    }
}
