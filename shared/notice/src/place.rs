use agent::Agent;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use session::Client;
use std::net::IpAddr;

/// Where a person signs in from, roughly enough to stay the same from day to day.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    network: Option<IpNet>,
    program: String,
}

impl Place {
    pub fn of(client: &Client) -> Self {
        Self {
            network: client.ip.as_deref().and_then(network),
            program: client.user_agent.as_deref().map(program).unwrap_or_default(),
        }
    }
}

/// An IPv4 /24 or an IPv6 /48: about what a provider gives to one neighbourhood, or to one customer.
fn network(address: &str) -> Option<IpNet> {
    // An IPv4 address can be written as an IPv6 address (RFC 4291, section 2.5.5.2).
    let network = match address.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(address) => IpNet::V4(Ipv4Net::new(address, 24).ok()?),
        IpAddr::V6(address) => IpNet::V6(Ipv6Net::new(address, 48).ok()?),
    };
    Some(network.trunc())
}

/// The browser and its system without their versions; for any other program, its name (RFC 9110, section 10.1.5).
fn program(user_agent: &str) -> String {
    match Agent::of(user_agent) {
        Some(agent) => agent.words(),
        None => user_agent.split(['/', ' ']).next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36";
    const LATER_CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
    const MAC_CHROME: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) \
                              Chrome/141.0.0.0 Safari/537.36";
    const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0";

    fn place(ip: &str, user_agent: &str) -> Place {
        Place::of(&Client { ip: Some(ip.to_owned()), user_agent: Some(user_agent.to_owned()), browser: None })
    }

    #[test]
    fn a_new_address_of_the_neighbourhood_or_a_new_version_is_the_same_place() {
        let home = place("203.0.113.7", CHROME);
        assert_eq!(home, place("203.0.113.254", LATER_CHROME));
        assert_eq!(home, place("::ffff:203.0.113.8", CHROME));
        assert_eq!(place("2001:db8:1:2::3", CHROME), place("2001:db8:1:ffff:4::", LATER_CHROME));
    }

    #[test]
    fn another_network_browser_or_system_is_another_place() {
        let home = place("203.0.113.7", CHROME);
        for other in [
            place("203.0.114.7", CHROME),
            place("2001:db8:1::1", CHROME),
            place("203.0.113.7", FIREFOX),
            place("203.0.113.7", MAC_CHROME),
            place("", CHROME),
            place("203.0.113.7", ""),
        ] {
            assert_ne!(home, other);
        }
        assert_ne!(place("2001:db8:1::1", CHROME), place("2001:db8:2::1", CHROME));
    }

    #[test]
    fn a_program_that_is_no_browser_is_known_by_its_name() {
        let app = |user_agent| place("203.0.113.7", user_agent);
        assert_eq!(app("AcmeNotes/1.2 (iOS 26.1)"), app("AcmeNotes/1.3 (iOS 26.2)"));
        assert_ne!(app("AcmeNotes/1.2"), app("EvilNotes/1.2"));
    }

    #[test]
    fn what_is_not_known_is_the_same_as_itself() {
        assert_eq!(Place::of(&Client::default()), Place::of(&Client::default()));
        assert_eq!(place("unknown", CHROME), place("", CHROME));
    }

    proptest! {
        #[test]
        fn no_client_breaks_it(ip in "\\PC{0,50}", user_agent in "\\PC{0,512}|[ -~]{0,512}") {
            prop_assert_eq!(place(&ip, &user_agent), place(&ip, &user_agent));
        }
    }
}
