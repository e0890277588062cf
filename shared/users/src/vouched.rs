use crate::{Email, Federated, Name};
use url::Url;

/// The longest URL of a picture, in bytes: it is in every session, and in every answer of `/me`.
const LONGEST_PICTURE: usize = 2_048;

/// The usable part of a provider's claims about a person. An unusable claim counts as absent: the person's identity
/// depends on none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vouched {
    pub email: Option<Email>,
    /// Whether the provider has proven exactly this address.
    pub email_verified: bool,
    pub name: Option<String>,
    pub picture: Option<String>,
}

impl Vouched {
    pub fn of(who: &Federated) -> Self {
        let proven = who.email.as_deref().filter(|_| who.email_verified).and_then(Email::vouched);
        Self {
            email_verified: proven.is_some(),
            email: proven.or_else(|| Email::parse(who.email.as_deref()?).ok()),
            name: who.name.as_deref().and_then(name),
            picture: who.picture.as_deref().and_then(picture),
        }
    }

    /// The address, if the provider has proven it.
    pub fn proven(&self) -> Option<&Email> {
        self.email.as_ref().filter(|_| self.email_verified)
    }
}

pub(crate) fn name(text: &str) -> Option<String> {
    Name::parse(text).ok().map(String::from)
}

/// The URL of a picture: on the web, over TLS, without a password in it. A `data:` URL is not accepted.
pub(crate) fn picture(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= LONGEST_PICTURE)?;
    let is_plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    Some(String::from(url)).filter(|url| is_plain && url.len() <= LONGEST_PICTURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(email: Option<&str>, email_verified: bool) -> Federated {
        Federated {
            provider: "acme".to_owned(),
            issuer: "https://id.example".to_owned(),
            subject: "ada".to_owned(),
            email: email.map(str::to_owned),
            email_verified,
            name: None,
            picture: None,
        }
    }

    #[test]
    fn an_address_is_taken_in_its_one_form_or_not_at_all() {
        for (email, verified, expected) in [
            (Some(" Ada@Example.COM "), true, (Some("ada@example.com"), true)),
            (Some("Ada@Example.COM"), false, (Some("ada@example.com"), false)),
            (Some("a\u{200b}da@example.com"), true, (None, false)),
            (Some("no address"), true, (None, false)),
            (Some(""), true, (None, false)),
            (None, true, (None, false)),
            // The mailbox may be another person's, so the address is shown but gives no rights.
            (Some("mi\u{212a}e@example.com"), true, (Some("mike@example.com"), false)),
        ] {
            let vouched = Vouched::of(&said(email, verified));
            assert_eq!((vouched.email.as_ref().map(Email::as_str), vouched.email_verified), expected, "{email:?}");
        }
    }

    #[test]
    fn a_name_that_cannot_be_shown_was_not_said() {
        let long = "x".repeat(101);
        for (text, expected) in [
            (" Ada ", Some("Ada")),
            ("\u{202e}", None),
            ("\u{200b}", None),
            ("A\u{202e}da", None),
            ("", None),
            (&long, None),
        ] {
            let who = Federated { name: Some(text.to_owned()), ..said(None, false) };
            assert_eq!(Vouched::of(&who).name.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_picture_is_an_address_on_the_web() {
        let path = |bytes: usize| format!("https://id.example/{}", "a".repeat(bytes - 19));
        for good in ["https://id.example/ada.png?s=96#x", "https://id.example:8443/", &path(LONGEST_PICTURE)] {
            assert_eq!(picture(good).as_deref(), Some(good));
        }
        let data = format!("data:image/png;base64,{}", "A".repeat(170_000));
        // It becomes longer when it is encoded as a URL.
        let grows = format!("https://id.example/{}", "\u{e9}".repeat(900));
        for bad in [
            &data,
            &grows,
            &path(LONGEST_PICTURE + 1),
            "http://id.example/ada.png",
            "javascript:alert(1)",
            "//id.example/ada.png",
            "/ada.png",
            "https://ada:secret@id.example/",
            "https://ada@id.example/",
            "https://",
            "",
        ] {
            assert_eq!(picture(bad), None, "{}", &bad[..bad.len().min(60)]);
        }
    }
}
