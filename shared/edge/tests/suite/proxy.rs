use crate::support::call;
use edge::Gate;
use testkit::{Request, gate, settings, variables};

/// The address that is kept and logged, when `X-Forwarded-For` is trusted and says this.
fn behind_a_proxy(forwarded: &str) -> Option<String> {
    let trusted = ("TRUSTED_PROXY_HEADER".to_owned(), "X-Forwarded-For".to_owned());
    let variables = [variables(), vec![trusted]].concat();
    let request = Request::get("/probe").without("x-forwarded-for").header("x-forwarded-for", forwarded);
    settings(variables, Gate::from_environment).client(&call(&request)).ip
}

#[test]
fn without_a_trusted_header_the_gateway_knows_the_address() {
    let request = Request::get("/probe").source_ip("203.0.113.9").without("x-forwarded-for");
    let client = gate().client(&call(&request.header("x-forwarded-for", "198.51.100.1")));
    assert_eq!(client.ip.as_deref(), Some("203.0.113.9"));
}

/// What stands to the left the client may have written itself.
#[test]
fn the_last_address_in_the_trusted_header_counts() {
    for (forwarded, ip) in [
        ("198.51.100.1", Some("198.51.100.1")),
        ("10.0.0.1, 198.51.100.1", Some("198.51.100.1")),
        ("10.0.0.1,198.51.100.1 ", Some("198.51.100.1")),
        ("garbage, , 198.51.100.1:443", Some("198.51.100.1")),
        ("2001:db8::1", Some("2001:db8::1")),
        ("2001:DB8:0:0::1", Some("2001:db8::1")),
        ("[2001:db8::1]:443", Some("2001:db8::1")),
        ("198.51.100.1, garbage", None),
        ("198.51.100.1,", None),
        ("198.51.100.1 198.51.100.2", None),
        ("198.51.100.256", None),
        ("example.com", None),
        ("", None),
        ("198.51.100.1\n", None),
        ("\u{661}.1.1.1", None),
    ] {
        assert_eq!(behind_a_proxy(forwarded).as_deref(), ip, "{forwarded:?}");
    }
}

/// Falling back to the proxy's own address would make all clients one.
#[test]
fn a_trusted_header_that_is_missing_leaves_no_address() {
    let trusted = ("TRUSTED_PROXY_HEADER".to_owned(), "cloudfront-viewer-address".to_owned());
    let gate = settings([variables(), vec![trusted]].concat(), Gate::from_environment);
    assert_eq!(gate.client(&call(&Request::get("/probe"))).ip, None);
    let request = Request::get("/probe").header("cloudfront-viewer-address", "198.51.100.1:46532");
    assert_eq!(gate.client(&call(&request)).ip.as_deref(), Some("198.51.100.1"));
}

#[test]
fn a_user_agent_is_kept_without_control_characters_and_not_for_ever() {
    let agent = |text: &str| {
        let request = Request::get("/probe").without("user-agent").header("user-agent", text);
        gate().client(&call(&request)).user_agent
    };
    assert_eq!(agent("Browser\t1").as_deref(), Some("Browser1"));
    assert_eq!(agent(&"x".repeat(600)).map(|text| text.len()), Some(512));
    assert_eq!(agent("Br\u{f6}wser"), None);
}
