//! What a `User-Agent` says about a browser, in words that a person knows (RFC 9110, section 10.1.5).
//!
//! The header's own words are never repeated: the client chooses them. Versions are left out, since they change without the
//! person doing anything.

use woothee::parser::Parser;

/// What is written where nothing is known.
const UNKNOWN: &str = "UNKNOWN";

/// A browser, and the system that it runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Such as `Firefox`.
    pub browser: Option<String>,
    /// Such as `Linux`.
    pub system: Option<String>,
}

impl Agent {
    /// `None`: the header is no known browser's.
    pub fn of(user_agent: &str) -> Option<Self> {
        let seen = Parser::new().parse(user_agent)?;
        let known = |part: &str| Some(part.to_owned()).filter(|part| !part.is_empty() && part != UNKNOWN);
        let agent = Self { browser: known(seen.name), system: known(seen.os) };
        (agent.browser.is_some() || agent.system.is_some()).then_some(agent)
    }

    /// Both parts, where they are known: `Firefox, Linux`.
    pub fn words(&self) -> String {
        let parts: Vec<_> = self.browser.iter().chain(&self.system).map(String::as_str).collect();
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_browser_and_its_system_are_known_without_their_versions() {
        let firefox = Agent::of("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0").unwrap();
        assert_eq!(firefox.words(), "Firefox, Linux");
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/18.6 Mobile/15E148 Safari/604.1";
        assert_eq!(Agent::of(safari).unwrap().words(), "Safari, iPhone");
    }

    #[test]
    fn what_is_no_browser_is_not_guessed() {
        for text in ["", "AcmeNotes/1.2", "<script>alert(1)</script>", "UNKNOWN"] {
            assert_eq!(Agent::of(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_header_breaks_it(text in "\\PC{0,512}|[ -~]{0,512}") {
            if let Some(agent) = Agent::of(&text) {
                prop_assert!(!agent.words().is_empty());
            }
        }
    }
}
