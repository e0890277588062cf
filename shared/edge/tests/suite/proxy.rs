use crate::support::{call, faults};
use edge::Gate;
use scene::{Request, gate, settings, variables};

const GATEWAY: &str = "192.0.2.66";

fn trusting(header: &str, hops: &str) -> Gate {
    let trusted = [("TRUSTED_PROXY_HEADER", header), ("TRUSTED_PROXY_HOPS", hops)];
    let trusted = trusted.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    settings([variables(), trusted].concat(), Gate::from_environment)
}

/// The address that is kept and logged when this many hops of `X-Forwarded-For` are trusted and the header has these
/// values.
fn behind(hops: &str, forwarded: &[&str]) -> Option<String> {
    let request = Request::get("/probe").source_ip(GATEWAY).without("x-forwarded-for");
    let request = forwarded.iter().fold(request, |request, value| request.header("x-forwarded-for", value));
    trusting("X-Forwarded-For", hops).client(&call(&request)).ip
}

#[test]
fn without_a_trusted_header_the_gateway_knows_the_address() {
    let client = |source_ip: &str| {
        let request = Request::get("/probe").source_ip(source_ip).without("x-forwarded-for");
        gate().client(&call(&request.header("x-forwarded-for", "198.51.100.1"))).ip
    };
    assert_eq!(client("203.0.113.9").as_deref(), Some("203.0.113.9"));
    assert_eq!(client("2001:DB8:0::9").as_deref(), Some("2001:db8::9"), "in its canonical form");
    assert_eq!(client("unknown"), None);
}

/// The client may have written the addresses to the left itself.
#[test]
fn the_last_address_in_the_trusted_header_counts() {
    for (forwarded, ip) in [
        ("198.51.100.1", "198.51.100.1"),
        ("10.0.0.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1,198.51.100.1 ", "198.51.100.1"),
        ("garbage, , 198.51.100.1:443", "198.51.100.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("fe80::1%eth0", "fe80::1"),
    ] {
        assert_eq!(behind("1", &[forwarded]).as_deref(), Some(ip), "{forwarded:?}");
    }
    assert_eq!(behind("1", &["198.51.100.1", "198.51.100.2"]).as_deref(), Some("198.51.100.2"), "in two headers");
}

/// Otherwise all clients that bypass the proxy, or whose header is malformed, would share one counter.
#[test]
fn a_trusted_header_that_names_nobody_leaves_the_gateways_source_address() {
    for forwarded in [
        "198.51.100.1, garbage",
        "198.51.100.1,",
        "198.51.100.1 198.51.100.2",
        "198.51.100.256",
        "example.com",
        "",
        "198.51.100.1\n",
        "\u{661}.1.1.1",
    ] {
        assert_eq!(behind("1", &[forwarded]).as_deref(), Some(GATEWAY), "{forwarded:?}");
    }
    assert_eq!(behind("1", &[]).as_deref(), Some(GATEWAY));
}

/// Each trusted proxy appends the address that it saw: with two proxies, the last one is the outer proxy's own.
#[test]
fn of_several_trusted_proxies_the_outermost_knows_the_address() {
    for (hops, forwarded, ip) in [
        ("2", ["6.6.6.6, 198.51.100.1, 10.0.0.1"].as_slice(), "198.51.100.1"),
        ("2", &["198.51.100.1, 10.0.0.1"], "198.51.100.1"),
        ("2", &["6.6.6.6", "198.51.100.1, 10.0.0.1"], "198.51.100.1"),
        ("2", &["198.51.100.1", "10.0.0.1"], "198.51.100.1"),
        ("3", &["198.51.100.1, 10.0.0.2, 10.0.0.1"], "198.51.100.1"),
        ("2", &["198.51.100.1"], GATEWAY),
        ("2", &["garbage, 10.0.0.1"], GATEWAY),
        ("4294967295", &["198.51.100.1"], GATEWAY),
    ] {
        assert_eq!(behind(hops, forwarded).as_deref(), Some(ip), "{hops} of {forwarded:?}");
    }
    for hops in ["0", "-1", "two"] {
        let pairs = [("PUBLIC_URL", "https://api.example.com"), ("TRUSTED_PROXY_HOPS", hops)];
        assert_eq!(faults(&pairs, Gate::from_environment), ["TRUSTED_PROXY_HOPS"], "{hops}");
    }
}

/// In that header the text is an address with a port, elsewhere one without.
#[test]
fn cloudfronts_own_header_has_the_port_last() {
    let client = |header: &str, value: &str| {
        let request = Request::get("/probe").source_ip(GATEWAY).header(header, value);
        trusting(header, "1").client(&call(&request)).ip
    };
    for (value, ip, elsewhere) in [
        ("198.51.100.1:46532", "198.51.100.1", "198.51.100.1"),
        ("2001:db8::1:443", "2001:db8::1", "2001:db8::1:443"),
        ("2001:db8:0:0:0:0:0:1:443", "2001:db8::1", GATEWAY),
        ("2001:db8::ffff", GATEWAY, "2001:db8::ffff"),
    ] {
        assert_eq!(client("CloudFront-Viewer-Address", value).as_deref(), Some(ip), "{value}");
        assert_eq!(client("x-viewer-1", value).as_deref(), Some(elsewhere), "{value}");
    }
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
