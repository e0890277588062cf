use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// One login on its way: what the browser keeps, in a cookie of its own, while its user is at the provider.
///
/// It is neither signed nor encrypted: a browser that changes its own attempt harms no other, and the `__Host-` prefix
/// keeps other hosts from planting one. So nothing in it is a proof of anything but the login that it belongs to. It is spent by clearing the cookie, whatever the outcome, and by the provider's
/// refusal to take a code twice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// The name of the provider it was begun with.
    pub provider: String,
    /// What the callback must repeat: ties the callback to this browser (RFC 6749 section 10.12).
    pub state: String,
    /// What the ID token must repeat: ties the token to this login (OpenID Connect Core 3.1.2.1).
    pub nonce: String,
    /// What only the beginner of this login can show at the token endpoint (RFC 7636 section 4.1).
    pub verifier: String,
    /// Where the browser goes afterwards, as the caller gave it.
    pub return_to: String,
    /// When it was begun.
    pub started_at: Timestamp,
    /// To whose account the provider's user is to be added, instead of signing in. Whoever finishes the attempt has to
    /// find that user signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Attempt {
    /// How long a person may take at the provider.
    pub const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

    /// What the names of all attempts' cookies start with.
    pub const COOKIE_PREFIX: &str = "__Host-login_";

    /// The name of the cookie for the attempt with this `state`. Each attempt has its own, so that two tabs do not fight;
    /// the name tells nothing about the state.
    pub fn cookie_name(state: &str) -> String {
        let digest = BASE64URL.encode(Sha256::digest(state));
        format!("{}{}", Self::COOKIE_PREFIX, &digest[..16])
    }

    /// The value of the cookie: JSON as base64url, so that no character needs quoting (RFC 6265bis section 4.1.1).
    pub fn encode(&self) -> String {
        // Strings and a timestamp always have a JSON form; were that ever wrong, an empty value decodes to nothing.
        BASE64URL.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else.
    pub fn decode(text: &str) -> Option<Self> {
        serde_json::from_slice(&BASE64URL.decode(text).ok()?).ok()
    }

    /// Whether this is the attempt that a callback with `state` at `provider` finishes. The state is compared in constant
    /// time. An attempt from the future, beyond what clocks differ by, is as dead as an old one.
    pub(crate) fn is_for(&self, provider: &str, state: &str, now: Timestamp) -> bool {
        let age = now.duration_since(self.started_at);
        bool::from(self.state.as_bytes().ct_eq(state.as_bytes()))
            && self.provider == provider
            && (-SignedDuration::from_mins(1)..=Self::LIFETIME).contains(&age)
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Attempt");
        shown.field("provider", &self.provider).field("started_at", &self.started_at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn attempt(return_to: &str) -> Attempt {
        Attempt {
            provider: "google".to_owned(),
            state: "STATE".repeat(9),
            nonce: "NONCE".repeat(9),
            verifier: "VERIFIER".repeat(6),
            return_to: return_to.to_owned(),
            started_at: "2026-01-02T03:04:05.678901234Z".parse().unwrap(),
            link: None,
        }
    }

    #[test]
    fn debug_shows_no_secret_of_an_attempt() {
        let text = format!("{:?}", attempt("/RETURN"));
        assert_eq!(text, r#"Attempt { provider: "google", started_at: 2026-01-02T03:04:05.678901234Z, .. }"#);
    }

    /// ASVS 3.3.5: even when every character of the address needs escaping in JSON.
    #[test]
    fn the_longest_return_address_fits_a_cookie() {
        let link = Some("01890a5d-ac96-774b-bcce-b302099a8057".to_owned());
        let attempt = Attempt { link, ..attempt(&"\"".repeat(1024)) };
        let (name, value) = (Attempt::cookie_name(&attempt.state), attempt.encode());
        let cookie = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
        assert!(cookie.len() < 4096, "{}", cookie.len());
    }

    #[test]
    fn the_cookie_is_named_after_the_hash_of_the_state() {
        assert_eq!(Attempt::cookie_name("state"), "__Host-login_S6aXNcpTdl7Wpwnt");
        assert_ne!(Attempt::cookie_name("state"), Attempt::cookie_name("other"));
    }

    #[test]
    fn a_cookie_with_unknown_repeated_or_missing_members_is_no_attempt() {
        let good = serde_json::to_string(&attempt("/")).unwrap();
        let decode = |json: &str| Attempt::decode(&BASE64URL.encode(json));
        assert_eq!(decode(&good), Some(attempt("/")));
        assert_eq!(decode(&good.replacen('{', r#"{"more":1,"#, 1)), None);
        assert_eq!(decode(&good.replacen('{', r#"{"nonce":"x","#, 1)), None);
        assert_eq!(decode(&good.replace("nonce", "ecnon")), None);
    }

    /// A login that is under way during a deployment.
    #[test]
    fn an_attempt_that_links_nothing_is_written_as_before() {
        assert!(!serde_json::to_string(&attempt("/")).unwrap().contains("link"));
    }

    proptest! {
        #[test]
        fn an_attempt_survives_its_cookie(return_to in ".{0,200}", state in ".{0,50}", second in 0..4_000_000_000_i64,
                                            link in proptest::option::of(".{0,50}")) {
            let started_at = Timestamp::from_second(second).unwrap();
            let attempt = Attempt { state, started_at, link, ..attempt(&return_to) };
            let text = attempt.encode();
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            prop_assert_eq!(Attempt::decode(&text), Some(attempt));
        }

        #[test]
        fn no_text_breaks_the_decoder(text in ".*", json in ".*") {
            let _ = Attempt::decode(&text);
            let _ = Attempt::decode(&BASE64URL.encode(json));
        }
    }
}
