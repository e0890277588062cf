use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use url::Host;

/// An email address in the one form in which it is compared and stored: NFC and lower case before the @, the name that
/// the domain has in DNS after it.
///
/// Lower-casing the part before the @ is against the letter of RFC 5321 and for what people expect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// Reads an address: one mailbox, without display name, quotes or blanks, at most 254 bytes (RFC 5321 4.5.3.1.3).
    /// The domain is a name, not the address of a machine.
    ///
    /// # Errors
    /// Why the text is no such address, without repeating it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const REASON: &str = "is not an email address";
        let text = text.nfc().collect::<String>().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(REASON)?;
        let normal = format!("{local}@{}", in_dns(domain).ok_or(REASON)?);
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

/// The ASCII form of a domain (UTS #46): else one mailbox would be several, one for each way to write its domain.
fn in_dns(domain: &str) -> Option<String> {
    // Blanks at the end and escapes are of URLs: a mail server knows neither.
    let named = !domain.contains(|c: char| c == '%' || c.is_control() || c.is_whitespace());
    match Host::parse(domain) {
        Ok(Host::Domain(name)) if named => Some(name),
        _ => None,
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

    /// Each of them is delivered to the same place.
    #[test]
    fn one_domain_has_one_form() {
        for text in [
            "ada@m\u{fc}nchen.example",
            "ada@mu\u{308}nchen.example",
            "ada@M\u{dc}NCHEN.example",
            "ada@xn--mnchen-3ya.example",
            "ada@XN--MNCHEN-3YA.EXAMPLE",
            "ada@m\u{fc}nchen\u{3002}example",
            "ada@\u{ff4d}\u{fc}nchen.\u{ff45}xample",
            "ada@\u{1d426}\u{fc}nchen.ex\u{ad}ample",
        ] {
            assert_eq!(Email::parse(text).unwrap().as_str(), "ada@xn--mnchen-3ya.example", "{text}");
        }
        assert_ne!(Email::parse("ada@munchen.example"), Email::parse("ada@m\u{fc}nchen.example"));
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
            "ada@127.0.0.1",
            "ada@0x7f.1",
            "ada@2130706433",
            "ada@\u{ff11}27.0.0.1",
            "ada@[::1]",
            "ada@example.com.",
            "ada@example.com\u{3002}",
            "ada@ex%61mple.com",
            "ada@ex\u{ff05}61mple.com",
            "ada@eve.example\u{ff20}example.com",
            "ada@example.com\u{ff0f}eve",
            "ada@xn--0.example",
            "a#b@example.com",
            "ada@example.com,eve@example.com",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
        assert!(Email::parse(&format!("{}@example.com", "a".repeat(250))).is_err());
    }

    proptest! {
        #[test]
        fn normalising_is_done_once_and_for_all(text in "\\PC{0,20}@([a-zA-Z0-9.-]{1,20}|\\PC{1,8})") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert!(email.as_str().rsplit('@').next().unwrap().is_ascii());
                prop_assert_eq!(&Email::parse(email.as_str()).unwrap(), &email);
                prop_assert_eq!(email.key().matches('#').count(), 1);
            }
        }
    }
}
