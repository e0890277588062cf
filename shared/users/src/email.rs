use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// An email address in the one form in which it is compared and stored: NFC, lower case.
///
/// Lower-casing the part before the @ is against the letter of RFC 5321 and for what people expect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// Reads an address: one mailbox, without display name, quotes or blanks, at most 254 bytes (RFC 5321 4.5.3.1.3).
    ///
    /// # Errors
    /// Why the text is no such address, without repeating it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const REASON: &str = "is not an email address";
        let normal = text.nfc().collect::<String>().to_lowercase();
        let options = Options::default().without_display_text().without_domain_literal();
        let plain = !normal.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '"' | '#' | '\\'));
        let valid = plain && normal.len() <= 254 && EmailAddress::parse_with_options(&normal, options).is_ok();
        if valid { Ok(Self(normal)) } else { Err(REASON) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identity it is.
    pub(crate) fn key(&self) -> String {
        format!("email#{}", self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_mailbox_has_one_form() {
        for text in ["ada@example.com", "Ada@Example.COM", "ADA@EXAMPLE.com"] {
            assert_eq!(Email::parse(text).unwrap().as_str(), "ada@example.com");
        }
        // e with an acute accent, composed and not.
        assert_eq!(Email::parse("ren\u{e9}@example.com"), Email::parse("rene\u{301}@example.com"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@@example.com",
            "ada@example.com\n",
            "ada @example.com",
            "a\0@example.com",
            "Ada <ada@example.com>",
            "\"a b\"@example.com",
            "ada@[127.0.0.1]",
            "a#b@example.com",
            "ada@example.com,eve@example.com",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
        assert!(Email::parse(&format!("{}@example.com", "a".repeat(250))).is_err());
    }

    proptest! {
        #[test]
        fn normalising_is_done_once_and_for_all(text in "\\PC{0,20}@[a-zA-Z0-9.-]{1,20}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(&Email::parse(email.as_str()).unwrap(), &email);
                prop_assert_eq!(email.key().matches('#').count(), 1);
            }
        }
    }
}
