use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The secret that a browser holds for a session: 32 random bytes. It is never stored and has no printable form
/// but [`expose`](Self::expose); its `Debug` shows nothing (OWASP ASVS 7.2.3, 14.1).
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; 32]>);

/// SHA-256 of a token, base64url: the key in both stores and the public handle of a session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl Token {
    /// A new token from the operating system's generator.
    ///
    /// # Errors
    /// When the system has no random bytes to give.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes)?;
        Ok(Self(bytes))
    }

    /// Reads the form that [`expose`](Self::expose) writes. `None` for anything else: each token has exactly one
    /// spelling, so every bit of the text counts.
    pub fn parse(text: &str) -> Option<Self> {
        let mut decoded = Zeroizing::new([0; 33]);
        let length = BASE64URL.decode_slice(text, &mut *decoded).ok()?;
        let mut bytes = Zeroizing::new([0; 32]);
        (length == bytes.len()).then(|| bytes.copy_from_slice(&decoded[..32]))?;
        Some(Self(bytes))
    }

    /// The secret itself, base64url, only for the cookie.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64URL.encode(*self.0))
    }

    /// The id of the session this token opens.
    pub fn id(&self) -> SessionId {
        SessionId(BASE64URL.encode(Sha256::digest(*self.0)))
    }

    /// The CSRF token that goes with this token: base64url of HMAC-SHA256 keyed by the token. Nothing is stored, it
    /// changes with every session, and the token cannot be found from it (OWASP CSRF Prevention, "HMAC Based Token").
    pub fn csrf(&self) -> String {
        BASE64URL.encode(self.csrf_mac())
    }

    /// Whether `presented` is this token's CSRF token, compared in constant time.
    pub fn csrf_matches(&self, presented: &str) -> bool {
        let mut given = [0; 33];
        BASE64URL.decode_slice(presented, &mut given).is_ok_and(|length| self.csrf_mac().ct_eq(&given[..length]).into())
    }

    fn csrf_mac(&self) -> [u8; 32] {
        self.mac(b"csrf")
    }

    /// A mark on `bytes` that only the holder of this token can make: base64url of HMAC-SHA256 keyed by the token. Each
    /// `purpose` gives another mark, so that a mark for one purpose is not valid for another.
    pub fn mark(&self, purpose: &'static str, bytes: &[u8]) -> String {
        BASE64URL.encode(self.marking(purpose, bytes))
    }

    /// Whether this token made `mark` on `bytes` for `purpose`, compared in constant time.
    pub fn has_marked(&self, purpose: &'static str, bytes: &[u8], mark: &str) -> bool {
        let mut given = [0; 33];
        let expected = self.marking(purpose, bytes);
        BASE64URL.decode_slice(mark, &mut given).is_ok_and(|length| expected.ct_eq(&given[..length]).into())
    }

    /// No purpose holds a zero byte, so different pairs of purpose and bytes give different texts. The prefix keeps
    /// them apart from all other texts keyed by a token.
    fn marking(&self, purpose: &'static str, bytes: &[u8]) -> [u8; 32] {
        self.mac(&[b"mark\0", purpose.as_bytes(), b"\0", bytes].concat())
    }

    /// HMAC-SHA256 of a purpose, keyed by this token.
    fn mac(&self, purpose: &[u8]) -> [u8; 32] {
        let mut block = Zeroizing::new([0; 64]); // RFC 2104: a short key is padded with zeros to the block size
        block[..32].copy_from_slice(&*self.0);
        let mut keyed: Hmac<Sha256> = Hmac::new(&(*block).into());
        keyed.update(purpose);
        keyed.finalize().into_bytes().into()
    }

    /// Seals a token so that only the holder of this one can open it: XOR with a pad that only this token can compute.
    /// A pad may be used only once, so a second successor of the same token is sealed `again`, with a pad that is bound
    /// to that successor.
    pub(crate) fn seal(&self, successor: &Self, again: bool) -> String {
        let id = successor.id();
        BASE64URL.encode(self.pad(&successor.0, again.then_some(&id)))
    }

    /// Opens what [`seal`](Self::seal) closed, with `again` or without, if it is the token whose id is `successor`.
    pub(crate) fn open(&self, sealed: &str, successor: &SessionId) -> Option<Self> {
        let sealed = Self::parse(sealed)?;
        let opened = |bound| Self(Zeroizing::new(self.pad(&sealed.0, bound)));
        [None, Some(successor)].map(opened).into_iter().find(|token| token.id() == *successor)
    }

    fn pad(&self, bytes: &[u8; 32], bound: Option<&SessionId>) -> [u8; 32] {
        let purpose = bound.map_or("successor".to_owned(), |id| format!("successor {id}"));
        let pad = Zeroizing::new(self.mac(purpose.as_bytes()));
        std::array::from_fn(|index| bytes[index] ^ pad[index])
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

impl SessionId {
    /// Reads an id as a client sends it. `None` for text that cannot be a hash.
    pub fn parse(text: &str) -> Option<Self> {
        Token::parse(text).map(|_| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn debug_shows_nothing_of_a_token() {
        let token = Token::generate().unwrap();
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn tokens_are_new_each_time() {
        assert_ne!(Token::generate().unwrap().id(), Token::generate().unwrap().id());
    }

    #[test]
    fn the_csrf_token_of_another_session_does_not_match() {
        let (one, other) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert!(one.csrf_matches(&one.csrf()));
        assert!(!one.csrf_matches(&other.csrf()));
        assert!(!one.csrf_matches(""));
        assert!(!one.csrf_matches(&format!("{}=", one.csrf())));
        assert_ne!(*one.expose(), one.csrf());
        assert_ne!(one.id().as_str(), one.csrf());
    }

    #[test]
    fn a_mark_is_of_one_token_on_one_text_for_one_purpose() {
        let (one, other) = (Token::generate().unwrap(), Token::generate().unwrap());
        let mark = one.mark("attempt", b"text");
        assert!(one.has_marked("attempt", b"text", &mark));
        assert!(!other.has_marked("attempt", b"text", &mark), "of another token");
        assert!(!one.has_marked("attempt", b"texT", &mark), "on another text");
        assert!(!one.has_marked("attemp", b"t\0text", &mark), "for another purpose");
        for forged in ["", "x", &mark[..42], &format!("{mark}A"), &format!("{mark}="), &one.csrf(), one.id().as_str()] {
            assert!(!one.has_marked("attempt", b"text", forged), "{forged}");
        }
    }

    #[test]
    fn a_sealed_token_opens_for_its_predecessor_alone() {
        let [previous, successor, stranger] = std::array::from_fn(|_| Token::generate().unwrap());
        for again in [false, true] {
            let sealed = previous.seal(&successor, again);
            assert_eq!(previous.open(&sealed, &successor.id()).unwrap().id(), successor.id());
            assert!(stranger.open(&sealed, &successor.id()).is_none());
            assert!(previous.open(&sealed, &stranger.id()).is_none(), "another one was sealed");
            assert!(!sealed.contains(&*successor.expose()));
        }
        assert!(previous.open("short", &successor.id()).is_none());
    }

    /// A person who knows one successor and both sealed forms must not find the other one: equal pads would cancel out.
    #[test]
    fn no_pad_serves_twice() {
        let [previous, first, second, third] = std::array::from_fn(|_| Token::generate().unwrap());
        let pads = [(&first, false), (&second, true), (&third, true)].map(|(successor, again)| {
            let sealed = Token::parse(&previous.seal(successor, again)).unwrap();
            let pad: [u8; 32] = std::array::from_fn(|index| sealed.0[index] ^ successor.0[index]);
            pad
        });
        assert!(pads[0] != pads[1] && pads[1] != pads[2] && pads[0] != pads[2]);
    }

    proptest! {
        #[test]
        fn a_token_survives_its_text(bytes: [u8; 32]) {
            let token = Token(Zeroizing::new(bytes));
            prop_assert_eq!(Token::parse(&token.expose()).unwrap().id(), token.id());
        }

        /// ASVS 7.2.1: if any character changes, it is another token or not a token.
        #[test]
        fn every_character_of_a_token_counts(bytes: [u8; 32], at in 0..43_usize, with in "[A-Za-z0-9_-]") {
            let text = Token(Zeroizing::new(bytes)).expose();
            let mut other = text.to_string();
            other.replace_range(at..=at, &with);
            prop_assume!(*text != other);
            let id = Token(Zeroizing::new(bytes)).id();
            prop_assert!(Token::parse(&other).is_none_or(|token| token.id() != id));
        }

        #[test]
        fn no_text_breaks_the_parser(text in ".*") {
            let _ = Token::parse(&text);
        }

        #[test]
        fn only_43_characters_make_a_token(text in "[A-Za-z0-9_-]{0,64}") {
            prop_assume!(text.len() != 43);
            prop_assert!(Token::parse(&text).is_none());
        }
    }
}
