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
    /// The email address that is tried, in its normal form; `None` if the try names no account.
    pub account: Option<&'a str>,
    /// The client's address as text. If it is missing or unreadable, only the account is counted: if all such clients
    /// shared a counter, each of them could make the others wait.
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
    pub address: Option<Bucket>,
    pub block: Option<Bucket>,
}

impl Buckets {
    pub fn of(tried: &Try<'_>) -> Self {
        let limits = tried.purpose.limits();
        let address = tried.address.and_then(|text| text.parse::<IpAddr>().ok());
        let network = address.and_then(network).map(|network| network.to_string());
        let block = address.and_then(block).map(|block| block.to_string());
        let bucket = |scope: &str, subject: &str, limit| Bucket { key: key(tried.purpose, scope, subject), limit };
        Self {
            // A network contains no blank, so no two pairs share a text.
            pair: limits
                .pair
                .zip(network.as_deref().zip(tried.account))
                .map(|(limit, (network, account))| bucket("pair", &format!("{network} {account}"), limit)),
            account: limits.account.zip(tried.account).map(|(limit, account)| bucket("account", account, limit)),
            address: network.as_deref().map(|network| bucket("address", network, limits.address)),
            block: block.as_deref().map(|block| bucket("block", block, limits.block)),
        }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Bucket> {
        self.pair.iter().chain(&self.account).chain(self.network())
    }

    /// The counters of the address, which strangers share.
    pub fn network(&self) -> impl Iterator<Item = &Bucket> {
        self.address.iter().chain(&self.block)
    }

    /// The counters that decide whether the try is allowed.
    pub fn deciding(self, is_trusted: bool) -> Vec<Bucket> {
        let Self { pair, account, address, block } = self;
        let shared = [account, address, block].into_iter().flatten().filter(|_| !is_trusted);
        pair.into_iter().chain(shared).collect()
    }
}

fn key(purpose: Purpose, scope: &str, subject: &str) -> String {
    format!("{}#{scope}#{}", purpose.as_str(), BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(subject)))
}

/// The network of one client: an IPv4 address, or an IPv6 /64, since each home and each server has a whole one.
fn network(address: IpAddr) -> Option<IpNet> {
    // An IPv4 address can be written as an IPv6 address (RFC 4291, section 2.5.5.2); all of those share one /64.
    match address.to_canonical() {
        IpAddr::V4(address) => Some(Ipv4Net::from(address).into()),
        IpAddr::V6(address) => Ipv6Net::new(address, 64).ok().map(|network| network.trunc().into()),
    }
}

/// The largest network that one customer gets: an IPv6 /48 (RFC 6177). No customer gets thousands of neighbouring IPv4
/// addresses, and strangers would fill the bucket of a /24.
fn block(address: IpAddr) -> Option<IpNet> {
    match address.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Ipv6Net::new(address, 48).ok().map(|network| network.trunc().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_client_is_known_by_what_it_has_to_itself() {
        for (address, expected, around) in [
            ("203.0.113.7", "203.0.113.7/32", None),
            ("::ffff:203.0.113.7", "203.0.113.7/32", None),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", Some("2001:db8:1::/48")),
            ("2001:DB8:1:2::", "2001:db8:1:2::/64", Some("2001:db8:1::/48")),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(network(address).map(|network| network.to_string()).as_deref(), Some(expected));
            assert_eq!(block(address).map(|block| block.to_string()).as_deref(), around);
        }
    }

    #[test]
    fn a_key_tells_its_purpose_and_scope_and_hides_its_subject() {
        let tried = Try { purpose: Purpose::Reset, account: Some("ada@example.com"), address: Some("2001:db8::1") };
        let keys: Vec<_> = Buckets::of(&tried).all().map(|bucket| bucket.key.clone()).collect();
        let prefixes = ["reset#pair#", "reset#account#", "reset#address#", "reset#block#"];
        assert_eq!(keys.len(), prefixes.len());
        for (key, prefix) in keys.iter().zip(prefixes) {
            assert_eq!(key.strip_prefix(prefix).map(str::len), Some(43), "{key}");
        }
    }

    #[test]
    fn a_token_has_an_address_and_nothing_else() {
        let tried = Try { purpose: Purpose::Token, account: Some("ada@example.com"), address: Some("203.0.113.7") };
        assert_eq!(Buckets::of(&tried).all().count(), 1);
    }

    #[test]
    fn a_client_without_an_address_has_its_account_and_nothing_else() {
        for address in [None, Some(""), Some("unknown"), Some("203.0.113.7:443"), Some(" 203.0.113.7")] {
            let tried = |purpose| Buckets::of(&Try { purpose, account: Some("ada@example.com"), address });
            let keys: Vec<_> = tried(Purpose::SignIn).all().map(|bucket| bucket.key.clone()).collect();
            assert!(matches!(keys.as_slice(), [key] if key.starts_with("sign-in#account#")), "{address:?}: {keys:?}");
            assert_eq!(tried(Purpose::Token).all().count(), 0);
        }
    }

    proptest! {
        #[test]
        fn different_tries_have_different_counters(one in any_subject(), other in any_subject()) {
            let keys = |(account, address): &(String, IpAddr)| {
                let address = address.to_string();
                let tried = Try { purpose: Purpose::SignIn, account: Some(account), address: Some(&address) };
                Buckets::of(&tried).all().take(3).map(|bucket| bucket.key.clone()).collect::<Vec<_>>()
            };
            let same = (one.0 == other.0, network(one.1) == network(other.1));
            let (one, other) = (keys(&one), keys(&other));
            let equal: Vec<_> = one.iter().zip(&other).map(|(one, other)| one == other).collect();
            prop_assert_eq!(equal, vec![same.0 && same.1, same.0, same.1]);
        }
    }

    fn any_subject() -> impl Strategy<Value = (String, IpAddr)> {
        let address = prop_oneof![any::<IpAddr>(), Just(IpAddr::from([127, 0, 0, 1]))];
        (prop_oneof![Just(String::new()), "[a-b /]{1,3}", ".{0,20}"], address)
    }
}
