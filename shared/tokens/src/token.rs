use std::{fmt, time::Duration};

/// A signed JWT: its holder acts as its subject until it expires, so it has no `Display` and a redacting `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    /// The token itself, only for the answer to the client.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

/// The result of a mint.
#[derive(Clone, Debug)]
pub struct Minted {
    /// The JWT.
    pub token: Token,
    /// How long it is valid, in whole seconds from now; zero for a session that is over.
    pub expires_in: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_token() {
        let minted = Minted { token: Token::new("e30.e30.c2ln".to_owned()), expires_in: Duration::from_secs(300) };
        let text = format!("{minted:?} {minted:#?}");
        assert!(!text.contains("e30") && !text.contains("c2ln"), "{text}");
    }
}
