use crate::Call;
use environment::Environment;
use std::net::IpAddr;

/// The only client header in which a port follows every address, IPv6 included, and without brackets: `2001:db8::1:443`
/// is port 443 of `2001:db8::1` (Amazon CloudFront Developer Guide, "Add CloudFront request headers"). Anywhere else
/// the same text is an address without a port.
const PORT_LAST: &str = "cloudfront-viewer-address";

/// The trusted proxy in front of the gateway: the header in which it names the client, and the position in that header.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    header: String,
    hops: usize,
}

impl Proxy {
    /// Reads `TRUSTED_PROXY_HEADER` and `TRUSTED_PROXY_HOPS` (1); faults stay in `environment`.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let header = environment.optional("TRUSTED_PROXY_HEADER", |name| {
            http::HeaderName::try_from(name).map(|name| name.to_string()).map_err(|_| "is not the name of a header")
        });
        let hops = environment.count("TRUSTED_PROXY_HOPS", 1);
        Some(Self { header: header?, hops: hops.try_into().ok()? })
    }

    /// The address that the outermost of the trusted proxies saw. Each of them appends one address; the client may have
    /// written those before them itself.
    pub fn client(&self, call: &Call<'_>) -> Option<IpAddr> {
        let member = call.list(&self.header).rev().nth(self.hops.checked_sub(1)?)?;
        if self.header == PORT_LAST { without_port(member.trim_matches(BLANKS)) } else { parse(member) }
    }
}

/// RFC 9110, section 5.6.3.
const BLANKS: [char; 2] = [' ', '\t'];

/// An address in its one canonical form, from the forms that gateways and proxies write: `192.0.2.1`, `192.0.2.1:443`,
/// `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`, and each IPv6 form with a zone.
pub(crate) fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches(BLANKS);
    if let Some(rest) = text.strip_prefix('[') {
        let (address, after) = rest.split_once(']')?;
        let port_follows = after.strip_prefix(':').is_some_and(is_port);
        return bare(address).filter(|address| address.is_ipv6() && (after.is_empty() || port_follows)).map(canonical);
    }
    let with_port = || text.split_once(':').filter(|(_, port)| is_port(port)).and_then(|(address, _)| bare(address));
    bare(text).or_else(with_port).map(canonical)
}

fn without_port(text: &str) -> Option<IpAddr> {
    match text.rsplit_once(':') {
        Some((address, port)) if is_port(port) && !address.starts_with('[') => bare(address).map(canonical),
        _ => parse(text).filter(|_| !text.contains(':') || text.starts_with('[')),
    }
}

/// A zone (RFC 4007, section 11) has a meaning only on the machine that wrote it.
fn bare(text: &str) -> Option<IpAddr> {
    match text.split_once('%') {
        Some((address, _)) => address.parse().ok().map(IpAddr::V6),
        None => text.parse().ok(),
    }
}

/// An IPv4 address can be written as an IPv6 address (RFC 4291, section 2.5.5.2).
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::SocketAddr;

    #[test]
    fn an_address_is_read_in_every_form_in_which_it_is_written() {
        for (text, expected) in [
            ("192.0.2.1", Some("192.0.2.1")),
            (" \t192.0.2.1 ", Some("192.0.2.1")),
            ("192.0.2.1:443", Some("192.0.2.1")),
            ("2001:DB8:0:0::1", Some("2001:db8::1")),
            ("2001:db8::1:443", Some("2001:db8::1:443")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("[fe80::1%25eth0]:443", Some("fe80::1")),
            ("::ffff:192.0.2.1", Some("192.0.2.1")),
            ("[::ffff:c000:201]:443", Some("192.0.2.1")),
            ("192.0.2.1%eth0", None),
            ("[192.0.2.1]:443", None),
            ("[2001:db8::1]443", None),
            ("[2001:db8::1", None),
            ("192.0.2.1:", None),
            ("192.0.2.1:+443", None),
            ("192.0.2.1:65536", None),
            ("192.0.2.256", None),
            ("192.0.2.01", None),
            ("\u{661}.1.1.1", None),
            ("\u{a0}192.0.2.1", None),
            ("example.com", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(|address| address.to_string()).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn where_a_port_is_last_it_is_never_taken_for_a_part_of_the_address() {
        for (text, expected) in [
            ("192.0.2.1:46532", Some("192.0.2.1")),
            ("192.0.2.1", Some("192.0.2.1")),
            ("2001:db8::1:443", Some("2001:db8::1")),
            ("2001:0db8:85a3:0000:0000:8a2e:0370:7334:46532", Some("2001:db8:85a3::8a2e:370:7334")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("::ffff:192.0.2.1:443", Some("192.0.2.1")),
            ("2001:db8:0:0:0:0:0:1", None),
            ("2001:db8::1:ffff", None),
            ("2001:db8::", None),
            ("", None),
        ] {
            assert_eq!(without_port(text).map(|address| address.to_string()).as_deref(), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_form_of_an_address_is_the_same_address(address: IpAddr, port: u16) {
            let socket = SocketAddr::new(address, port).to_string();
            for text in [address.to_string(), socket] {
                prop_assert_eq!(parse(&text), Some(address.to_canonical()), "{}", text);
            }
            prop_assert_eq!(without_port(&format!("{address}:{port}")), Some(address.to_canonical()));
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,40}|[0-9a-f:.%\\[\\]]{0,40}") {
            for address in [parse(&text), without_port(&text)].into_iter().flatten() {
                let mapped = matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some());
                prop_assert!(!mapped);
            }
        }
    }
}
