use crate::limits::{Limit, Purpose};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// Who tries what.
#[derive(Clone, Copy, Debug)]
pub struct Try<'a> {
    /// What is tried.
    pub purpose: Purpose,
    /// The email address that is meant, in its one normal form; `None` where there is none to speak of.
    pub account: Option<&'a str>,
    /// The client's address as text. One that is missing or cannot be read shares its counters with all such.
    pub address: Option<&'a str>,
}

/// One counter of a try: its key and its limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub key: String,
    pub limit: Limit,
}

/// The counters of a try.
pub(crate) struct Buckets {
    pub pair: Option<Bucket>,
    pub account: Option<Bucket>,
    pub address: Bucket,
}

impl Buckets {
    pub fn of(tried: &Try<'_>) -> Self {
        let limits = tried.purpose.limits();
        let network = network(tried.address);
        let bucket = |scope: &str, subject: &str, limit| Bucket { key: key(tried.purpose, scope, subject), limit };
        let account = |limit: Option<Limit>| limit.zip(tried.account);
        Self {
            // A network holds no blank, so that no two pairs share a text.
            pair: account(limits.pair).map(|(limit, account)| bucket("pair", &format!("{network} {account}"), limit)),
            account: account(limits.account).map(|(limit, account)| bucket("account", account, limit)),
            address: bucket("address", &network, limits.address),
        }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Bucket> {
        self.pair.iter().chain(self.shared())
    }

    /// Those that somebody shares with strangers.
    pub fn shared(&self) -> impl Iterator<Item = &Bucket> {
        self.account.iter().chain([&self.address])
    }
}

fn key(purpose: Purpose, scope: &str, subject: &str) -> String {
    format!("{}#{scope}#{}", purpose.as_str(), BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(subject)))
}

/// What one client has to itself: an IPv4 address, or an IPv6 /64, of which each home and each server has a whole one.
fn network(address: Option<&str>) -> String {
    // An IPv4 address can be written as one of IPv6 (RFC 4291, section 2.5.5.2), where all of them share one /64.
    let address = address.and_then(|text| text.trim().parse::<IpAddr>().ok()).map(|address| address.to_canonical());
    let network = match address {
        Some(IpAddr::V4(address)) => Some(IpNet::V4(Ipv4Net::from(address))),
        Some(IpAddr::V6(address)) => Ipv6Net::new(address, 64).ok().map(|network| IpNet::V6(network.trunc())),
        None => None,
    };
    network.map_or_else(|| "unknown".to_owned(), |network| network.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_client_is_known_by_what_it_has_to_itself() {
        for (address, expected) in [
            (Some("203.0.113.7"), "203.0.113.7/32"),
            (Some(" 203.0.113.7"), "203.0.113.7/32"),
            (Some("::ffff:203.0.113.7"), "203.0.113.7/32"),
            (Some("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64"),
            (Some("2001:DB8:1:2::"), "2001:db8:1:2::/64"),
            (Some("203.0.113.7:443"), "unknown"),
            (Some("203.0.113.7, 10.0.0.1"), "unknown"),
            (Some("fe80::1%eth0"), "unknown"),
            (Some(""), "unknown"),
            (None, "unknown"),
        ] {
            assert_eq!(network(address), expected, "{address:?}");
        }
    }

    #[test]
    fn a_key_tells_its_purpose_and_scope_and_hides_its_subject() {
        let tried = Try { purpose: Purpose::Reset, account: Some("ada@example.com"), address: Some("203.0.113.7") };
        let keys: Vec<_> = Buckets::of(&tried).all().map(|bucket| bucket.key.clone()).collect();
        for (key, prefix) in keys.iter().zip(["reset#pair#", "reset#account#", "reset#address#"]) {
            assert_eq!(key.strip_prefix(prefix).map(str::len), Some(43), "{key}");
        }
    }

    #[test]
    fn a_token_has_an_address_and_nothing_else() {
        let tried = Try { purpose: Purpose::Token, account: Some("ada@example.com"), address: None };
        assert_eq!(Buckets::of(&tried).all().count(), 1);
    }

    proptest! {
        #[test]
        fn different_tries_have_different_counters(one in any_subject(), other in any_subject()) {
            let keys = |(account, address): &(String, String)| {
                let tried = Try { purpose: Purpose::SignIn, account: Some(account), address: Some(address) };
                Buckets::of(&tried).all().map(|bucket| bucket.key.clone()).collect::<Vec<_>>()
            };
            let same = (one.0 == other.0, network(Some(&one.1)) == network(Some(&other.1)));
            let (one, other) = (keys(&one), keys(&other));
            let equal: Vec<_> = one.iter().zip(&other).map(|(one, other)| one == other).collect();
            prop_assert_eq!(equal, vec![same.0 && same.1, same.0, same.1]);
        }
    }

    fn any_subject() -> impl Strategy<Value = (String, String)> {
        let address =
            prop_oneof![any::<IpAddr>().prop_map(|address| address.to_string()), ".{0,9}", Just("::1".into())];
        (prop_oneof![Just(String::new()), "[a-b /]{1,3}", ".{0,20}"], address)
    }
}
