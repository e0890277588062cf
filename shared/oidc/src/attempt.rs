use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// One login under way: what the browser keeps, in its own cookie, while its user is at the provider.
///
/// It is not encrypted: a browser that reads its own attempt harms no other, and the `__Host-` prefix keeps other hosts
/// from planting one. An attempt that begins in a session carries that session's mark on all its members. So no other
/// session can finish an attempt that links: tokens and logs hold session ids, but only the browser has the token that
/// makes the mark. An attempt is spent after any outcome: its cookie is cleared, or a [`Receipt`](crate::Receipt) takes its place. And
/// the provider accepts a code only once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// The name of its provider.
    pub provider: String,
    /// The callback must repeat it: it ties the callback to this browser (RFC 6749 section 10.12).
    pub state: String,
    /// The ID token must repeat it: it ties the token to this login (OpenID Connect Core 3.1.2.1).
    pub nonce: String,
    /// Only the beginner of this login can show it at the token endpoint (RFC 7636 section 4.1).
    pub verifier: String,
    /// Where the browser goes afterwards, as the caller said.
    pub return_to: String,
    /// When it began.
    pub started_at: Timestamp,
    /// Whether the provider's user is to be added to the account of the session in which this began, instead of signing
    /// in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub link: bool,
    /// Whether the provider was told to ask even a person that it knows for a credential (OpenID Connect Core 3.1.2.1,
    /// `prompt=login`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prompt: bool,
    /// The mark of the session in which this began, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
}

impl Attempt {
    /// How long a person may take at the provider.
    pub const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

    /// The purpose of a session's mark on an attempt.
    pub const PURPOSE: &str = "attempt";

    /// The prefix of all attempts' cookie names.
    pub const COOKIE_PREFIX: &str = "__Host-login_";

    /// The name of the cookie for the attempt with this `state`. Each attempt has its own, so that two tabs do not
    /// conflict; the name reveals nothing about the state.
    pub fn cookie_name(state: &str) -> String {
        let digest = BASE64URL.encode(Sha256::digest(state));
        format!("{}{}", Self::COOKIE_PREFIX, &digest[..16])
    }

    /// The value of the cookie.
    pub fn encode(&self) -> String {
        encoded(self)
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else.
    pub fn decode(text: &str) -> Option<Self> {
        decoded(text)
    }

    /// The same, begun in a session: `mark` makes that session's mark on given bytes.
    #[must_use]
    pub fn marked(self, mark: impl FnOnce(&[u8]) -> String) -> Self {
        let mark = Some(mark(&self.marked_bytes()));
        Self { mark, ..self }
    }

    /// Whether a browser with this session may finish the attempt: `has_marked` says whether a mark on given bytes is
    /// that session's. A browser that has signed out or in meanwhile may still sign in, but may not link.
    pub fn may_be_finished(&self, has_marked: Option<impl FnOnce(&[u8], &str) -> bool>) -> bool {
        match (&self.mark, has_marked) {
            (Some(mark), Some(has_marked)) => has_marked(&self.marked_bytes(), mark),
            (None, _) | (_, None) => !self.link,
        }
    }

    /// Everything but the mark itself, in the form that [`encode`](Self::encode) gives it.
    fn marked_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&Self { mark: None, ..self.clone() }).unwrap_or_default()
    }

    /// Whether this is the attempt that a callback with `state` at `provider` finishes. The state is compared in
    /// constant time. An attempt from the future, beyond what clocks differ by, is as invalid as an old one.
    pub(crate) fn is_for(&self, provider: &str, state: &str, now: Timestamp) -> bool {
        let age = now.duration_since(self.started_at);
        bool::from(self.state.as_bytes().ct_eq(state.as_bytes()))
            && self.provider == provider
            && (-SignedDuration::from_mins(1)..=Self::LIFETIME).contains(&age)
    }
}

/// The value of a cookie: JSON as base64url, so that no character needs quoting (RFC 6265bis section 4.1.1).
pub(crate) fn encoded(value: &impl Serialize) -> String {
    // Strings and a timestamp always have a JSON form. If not, the value is empty and cannot be decoded.
    BASE64URL.encode(serde_json::to_vec(value).unwrap_or_default())
}

/// What [`encoded`] wrote.
pub(crate) fn decoded<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&BASE64URL.decode(text).ok()?).ok()
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
            link: false,
            prompt: false,
            mark: None,
        }
    }

    /// A mark that shows the bytes it was made on.
    fn mark(bytes: &[u8]) -> String {
        BASE64URL.encode(Sha256::digest(bytes))
    }

    fn has_marked(bytes: &[u8], given: &str) -> bool {
        mark(bytes) == given
    }

    #[test]
    fn debug_shows_no_secret_of_an_attempt() {
        let text = format!("{:?}", attempt("/RETURN"));
        assert_eq!(text, r#"Attempt { provider: "google", started_at: 2026-01-02T03:04:05.678901234Z, .. }"#);
    }

    /// ASVS 3.3.5: even when every character of the address needs escaping in JSON.
    #[test]
    fn the_longest_return_address_fits_a_cookie() {
        let attempt = Attempt { link: true, prompt: true, ..attempt(&"\"".repeat(1024)) }.marked(mark);
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
    fn an_attempt_that_is_begun_without_a_session_is_written_as_before() {
        let text = serde_json::to_string(&attempt("/")).unwrap();
        assert!(!["link", "prompt", "mark"].iter().any(|member| text.contains(member)), "{text}");
    }

    /// The previous version wrote the id of a user, which proves nothing.
    #[test]
    fn an_attempt_that_names_whom_it_links_is_none() {
        let named = serde_json::to_string(&attempt("/")).unwrap().replacen('{', r#"{"link":"user-1","#, 1);
        assert_eq!(Attempt::decode(&BASE64URL.encode(named)), None);
    }

    /// ASVS 10.2.1: a link only in this session; a sign-in in any session or none.
    #[test]
    fn an_attempt_is_finished_in_the_session_that_began_it() {
        let by = |yes: bool| Some(move |_: &[u8], _: &str| yes);
        let none = None::<fn(&[u8], &str) -> bool>;
        let (login, linking) = (attempt("/"), Attempt { link: true, ..attempt("/") });
        assert!(login.may_be_finished(none) && login.may_be_finished(by(false)), "begun without a session");
        assert!(!linking.may_be_finished(none) && !linking.may_be_finished(by(true)), "nothing marks it");
        let (login, linking) = (login.marked(mark), linking.marked(mark));
        assert!(login.may_be_finished(none), "signed out meanwhile");
        assert!(!linking.may_be_finished(none), "signed out meanwhile");
        for attempt in [login, linking] {
            assert!(
                attempt.may_be_finished(Some(has_marked)) && !attempt.may_be_finished(by(false)),
                "another session"
            );
        }
    }

    #[test]
    fn a_mark_is_on_every_member() {
        let whole = Attempt { link: true, ..attempt("/") }.marked(mark);
        let other = || "other".to_owned();
        for changed in [
            Attempt { provider: other(), ..whole.clone() },
            Attempt { state: other(), ..whole.clone() },
            Attempt { nonce: other(), ..whole.clone() },
            Attempt { verifier: other(), ..whole.clone() },
            Attempt { return_to: other(), ..whole.clone() },
            Attempt { started_at: whole.started_at + SignedDuration::from_nanos(1), ..whole.clone() },
            Attempt { link: false, ..whole.clone() },
            Attempt { prompt: true, ..whole.clone() },
            Attempt { mark: Some(other()), ..whole.clone() },
            // One member must not run into the next.
            Attempt { state: format!("{}N", whole.state), nonce: whole.nonce[1..].to_owned(), ..whole.clone() },
        ] {
            assert!(!changed.may_be_finished(Some(has_marked)), "{}", serde_json::to_string(&changed).unwrap());
        }
        assert!(Attempt::decode(&whole.encode()).unwrap().may_be_finished(Some(has_marked)));
    }

    proptest! {
        #[test]
        fn an_attempt_survives_its_cookie(return_to in ".{0,200}", state in ".{0,50}", second in 0..4_000_000_000_i64,
                                            link: bool, prompt: bool, mark in proptest::option::of(".{0,50}")) {
            let started_at = Timestamp::from_second(second).unwrap();
            let attempt = Attempt { state, started_at, link, prompt, mark, ..attempt(&return_to) };
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
