use crate::support::faults;
use edge::{Gate, ReturnTo};

const PUBLIC_URL: (&str, &str) = ("PUBLIC_URL", "https://api.example.com");

#[test]
fn every_fault_of_the_gate_is_named_at_once() {
    let pairs = [
        ("ALLOWED_ORIGINS", "https://app.example.com/"),
        ("COOKIE_NAME", "sid"),
        ("COOKIE_SAMESITE", "no"),
        ("LOGOUT_CLEARS", "cookies"),
        ("TRUSTED_PROXY_HEADER", "x forwarded for"),
    ];
    let found = faults(&pairs, Gate::from_environment);
    let expected =
        ["PUBLIC_URL", "ALLOWED_ORIGINS", "COOKIE_NAME", "COOKIE_SAMESITE", "LOGOUT_CLEARS", "TRUSTED_PROXY_HEADER"];
    assert_eq!(found, expected);
}

#[test]
fn the_addresses_are_secure() {
    for url in ["http://api.example.com", "api.example.com", "https://api.example.com?x=1", "https://u@api.example.com"]
    {
        assert_eq!(faults(&[("PUBLIC_URL", url)], Gate::from_environment), ["PUBLIC_URL"], "{url}");
        let pairs = [("APP_URL", url), ("PUBLIC_URL", "https://api.example.com")];
        assert_eq!(faults(&pairs, ReturnTo::from_environment), ["APP_URL"], "{url}");
    }
    assert_eq!(faults(&[], ReturnTo::from_environment), ["APP_URL", "PUBLIC_URL"]);
}

/// A list that only looks right would admit every origin or none.
#[test]
fn allowed_origins_are_written_as_browsers_send_them() {
    for (list, good) in [
        ("https://app.example.com", true),
        ("https://app.example.com, http://localhost:3000", true),
        ("https://app.example.com,", true),
        ("*", false),
        ("null", false),
        ("https://*.example.com", false),
        ("https://app.example.com/", false),
        ("https://app.example.com:443", false),
        ("https://APP.example.com", false),
        ("http://app.example.com", false),
        ("app.example.com", false),
        ("https://app.example.com https://admin.example.com", false),
        ("https://app.example.com,https://admin.example.com/x", false),
    ] {
        let found = faults(&[PUBLIC_URL, ("ALLOWED_ORIGINS", list)], Gate::from_environment);
        assert_eq!(found, if good { vec![] } else { vec!["ALLOWED_ORIGINS"] }, "{list}");
    }
}

#[test]
fn the_callback_is_below_the_public_url() {
    for (public, callback) in [
        ("https://api.example.com", "https://api.example.com/callback/acme"),
        ("https://app.example.com/auth", "https://app.example.com/auth/callback/acme"),
        ("https://app.example.com/auth/", "https://app.example.com/auth/callback/acme"),
    ] {
        let variables = vec![("PUBLIC_URL".to_owned(), public.to_owned())];
        let gate = scene::settings(variables, Gate::from_environment);
        assert_eq!(gate.callback_url("acme").as_str(), callback);
    }
}
