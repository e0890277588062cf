use crate::{SessionId, Token};
use std::fmt;
use zeroize::Zeroizing;

/// The secret that a device holds: a family half, which stays for the life of the session, and a rotating half, which
/// is replaced at each use (RFC 9700, section 4.14.2). It is written as two tokens with a dot between them.
///
/// The session id is the hash of the family half. So a person who knows an id cannot end the session by guessing a
/// rotating half.
#[derive(Clone)]
pub struct RefreshToken {
    family: Token,
    rotating: Token,
}

impl RefreshToken {
    /// A new one, both halves from the operating system's generator.
    ///
    /// # Errors
    /// When the system has no random bytes to give.
    pub fn generate() -> Result<Self, getrandom::Error> {
        Ok(Self { family: Token::generate()?, rotating: Token::generate()? })
    }

    /// Reads the form that [`expose`](Self::expose) writes; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (family, rotating) = text.split_once('.')?;
        Some(Self { family: Token::parse(family)?, rotating: Token::parse(rotating)? })
    }

    /// The secret itself, only for the device.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}.{}", *self.family.expose(), *self.rotating.expose()))
    }

    /// The id of the session that it belongs to, whether or not the rotating half is the current one.
    pub fn id(&self) -> SessionId {
        self.family.id()
    }

    /// SHA-256 of the rotating half: what the row keeps of it. Hashes are compared like any text. The time that takes
    /// may reveal a hash, but no secret can be found from a hash.
    pub(crate) fn hash(&self) -> SessionId {
        self.rotating.id()
    }

    /// The next token of the same family, and its rotating half sealed for the holder of this one. `again`: this token
    /// already had a successor.
    pub(crate) fn successor(&self, again: bool) -> Result<(Self, String), getrandom::Error> {
        let rotating = Token::generate()?;
        let sealed = self.rotating.seal(&rotating, again);
        Ok((Self { family: self.family.clone(), rotating }, sealed))
    }

    /// Opens the successor that was sealed for this token, if its hash is `current`.
    pub(crate) fn unseal(&self, sealed: &str, current: &SessionId) -> Option<Self> {
        Some(Self { family: self.family.clone(), rotating: self.rotating.open(sealed, current)? })
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RefreshToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn debug_shows_nothing_of_a_refresh_token() {
        assert_eq!(format!("{:?}", RefreshToken::generate().unwrap()), "RefreshToken(…)");
    }

    #[test]
    fn a_successor_is_of_the_same_family_and_another_secret() {
        let first = RefreshToken::generate().unwrap();
        let (second, sealed) = first.successor(false).unwrap();
        assert_eq!(first.id(), second.id());
        assert_ne!(first.hash(), second.hash());
        assert_eq!(*first.unseal(&sealed, &second.hash()).unwrap().expose(), *second.expose());
    }

    proptest! {
        /// ASVS 7.2.1: if any character changes, it is another token or not a token.
        #[test]
        fn every_character_of_a_refresh_token_counts(at in 0..87_usize, with in "[A-Za-z0-9_.-]") {
            let token = RefreshToken::generate().unwrap();
            let mut other = token.expose().to_string();
            other.replace_range(at..=at, &with);
            prop_assume!(*token.expose() != other);
            let same = |other: RefreshToken| (other.id(), other.hash()) == (token.id(), token.hash());
            prop_assert!(!RefreshToken::parse(&other).is_some_and(same));
        }

        #[test]
        fn no_text_breaks_the_parser(text in ".*") {
            let _ = RefreshToken::parse(&text);
        }
    }
}
