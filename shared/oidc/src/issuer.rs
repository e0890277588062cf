use std::fmt;

/// Two issuers that differ only by a trailing slash. They are compared as text (OpenID Connect Core 2), so they are
/// different issuers. But this is the usual mistake in a configured issuer, and neither is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slash {
    configured: &'static str,
    /// Whether the received issuer has the extra slash.
    added: bool,
}

impl Slash {
    /// `None` when they differ in another way.
    pub(crate) fn between(received: &str, configured: &'static str) -> Option<Self> {
        let added = received.strip_suffix('/') == Some(configured);
        let apart = added || configured.strip_suffix('/') == Some(received);
        apart.then_some(Self { configured, added })
    }
}

impl fmt::Display for Slash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let configured = self.configured;
        let (received, slash) =
            if self.added { (configured, "/") } else { (configured.strip_suffix('/').unwrap_or(configured), "") };
        write!(formatter, "received {received}{slash}, configured {configured}, which differs by a trailing slash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_is_told_and_no_other_difference() {
        let told = |received, configured| Slash::between(received, configured).map(|slash| slash.to_string());
        for (received, configured) in
            [("https://a.example/", "https://a.example"), ("https://a.example", "https://a.example/")]
        {
            let text = format!("received {received}, configured {configured}, which differs by a trailing slash");
            assert_eq!(told(received, configured), Some(text));
        }
        for other in ["https://a.example", "https://a.example//", "https://b.example/", "", "/"] {
            assert_eq!(told(other, "https://a.example"), None, "{other}");
        }
    }
}
