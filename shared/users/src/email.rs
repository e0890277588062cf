use crate::shown::is_hidden;
use email_address::EmailAddress;
use reason::{Code, Reason};
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use url::Host;

/// The longest part before the @, in bytes (RFC 5321, 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;
/// The longest address, in bytes (RFC 5321, 4.5.3.1.3).
const LONGEST: usize = 254;
/// The longest label of a domain, in bytes (RFC 1035, 2.3.4).
const LONGEST_LABEL: usize = 63;

/// An email address in the one form in which it is compared and stored: NFC and lower case before the @, the domain's
/// DNS name after it.
///
/// Lower-casing the part before the @ violates the letter of RFC 5321 but matches what people expect. It folds more
/// than ASCII. That is safe if a mail to this form proves the address: then the mail goes to exactly this mailbox. If
/// another party has proven an address, use [`Email::vouched`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// Reads an address: one mailbox, without display name, quotes or blanks within, at most 254 bytes. Blanks around
    /// it are removed, since pasted text has them. The domain is a name, not the address of a machine.
    ///
    /// Dots may stand anywhere before the @, as in browsers' forms (WHATWG HTML, "valid email address"): some carriers
    /// gave `first.last.@…` to their customers, and we keep no list of them. RFC 5321 requires quotes around such a
    /// part when a mail is sent, and the mailer adds them.
    ///
    /// # Errors
    /// Why the text is not such an address, without repeating it.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let text = text.trim().nfc().collect::<String>().to_lowercase();
        let (local, domain) = text.rsplit_once('@').filter(|(local, _)| is_local(local)).ok_or(Code::NotAnAddress)?;
        let normal = format!("{local}@{}", in_dns(domain).ok_or(Code::NotAnAddress)?);
        if normal.len() <= LONGEST { Ok(Self(normal)) } else { Err(Code::NotAnAddress.into()) }
    }

    /// Reads an address whose mailbox another party has proven. `None` when it is not an address, or when more than the
    /// case of ASCII letters has to change: `K`, the Kelvin sign, becomes `k`, but a mail server that distinguishes the
    /// two has given the mailbox to another person.
    pub fn vouched(text: &str) -> Option<Self> {
        let email = Self::parse(text).ok()?;
        let spelled = text.trim().rsplit_once('@')?.0.to_ascii_lowercase();
        let is_same = email.0.rsplit_once('@').is_some_and(|(local, _)| local == spelled);
        is_same.then_some(email)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of the address's identity.
    pub(crate) fn key(&self) -> String {
        format!("email#{}", self.0)
    }
}

/// Whether a text can stand before the @, apart from the dots.
fn is_local(text: &str) -> bool {
    let plain = !text.contains(|c: char| c.is_whitespace() || is_hidden(c) || matches!(c, '"' | '#' | '\\'));
    plain && text.len() <= LONGEST_LOCAL && EmailAddress::is_valid_local_part(&text.replace('.', ""))
}

/// The ASCII form of a domain (UTS #46): otherwise one mailbox would count as several, one for each spelling of its
/// domain. Its labels are those of hosts (RFC 1123, 2.1): mail to any other label would be tried for a day and then
/// refused for good.
fn in_dns(domain: &str) -> Option<String> {
    // Trailing blanks and escapes belong to URLs: a mail server knows neither.
    let named = !domain.contains(|c: char| c == '%' || c.is_control() || c.is_whitespace());
    match Host::parse(domain) {
        Ok(Host::Domain(name)) if named && name.split('.').all(is_label) => Some(name),
        _ => None,
    }
}

/// Letters, digits and hyphens, without a hyphen at either end.
fn is_label(label: &str) -> bool {
    let known = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    known && (1..=LONGEST_LABEL).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

impl TryFrom<String> for Email {
    type Error = Reason;

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
mod tests;
