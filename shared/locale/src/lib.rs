//! The languages that people are written to in: on pages and in mails.

use serde::{Deserialize, Serialize};

/// A language that we write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English, also for readers of neither language.
    #[default]
    En,
    /// Portuguese, as written in Brazil.
    Pt,
}

/// The longest `Accept-Language` that is read, in bytes; browsers send a tenth of it.
const LONGEST: usize = 1_000;

impl Locale {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Pt];

    /// The language that a browser prefers among ours (RFC 9110, section 12.5.4); English if there is none, or no
    /// readable header.
    pub fn negotiate(accept_language: Option<&str>) -> Self {
        // The parser knows spaces but not tabs.
        let header = accept_language.filter(|header| header.len() <= LONGEST).unwrap_or_default().replace('\t', " ");
        let ranges: Vec<&str> = header.split(',').filter(|range| has_form(range)).collect();
        accept_language::parse_with_quality(&ranges.join(","))
            .into_iter()
            .filter(|(_, quality)| *quality > 0.0)
            .find_map(|(range, _)| Self::of(&range))
            .unwrap_or_default()
    }

    /// The language's name in headers and documents (RFC 5646).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Pt => "pt-BR",
        }
    }

    /// The language that a tag (RFC 5646) belongs to, if it is one of ours.
    pub fn named(tag: &str) -> Option<Self> {
        Self::of(tag).filter(|_| tag != "*")
    }

    fn of(range: &str) -> Option<Self> {
        match range.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "pt" => Some(Self::Pt),
            "en" | "*" => Some(Self::En),
            _ => None,
        }
    }
}

/// Whether a language has no weight or a numeric one. The parser takes `nan` for a number too, which then sorts both
/// before and after every other.
fn has_form(range: &str) -> bool {
    let weight = range.split_once(';').map(|(_, weight)| weight.trim());
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    weight.is_none_or(|weight| {
        weight.strip_prefix(['q', 'Q']).and_then(|rest| rest.strip_prefix('=')).is_some_and(number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn portuguese_is_for_whoever_likes_it_better_than_english() {
        for (header, locale) in [
            ("pt", Locale::Pt),
            ("pt-BR", Locale::Pt),
            ("PT-pt", Locale::Pt),
            ("pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7", Locale::Pt),
            ("en-US,en;q=0.9,pt;q=0.8", Locale::En),
            ("en;q=0.5, pt;q=0.8", Locale::Pt),
            ("en;q=0.5,\tpt; q=0.8", Locale::Pt),
            ("de, pt;q=0.5", Locale::Pt),
            ("de, *;q=0.5, pt;q=0.1", Locale::En),
            ("pt;q=0, en;q=0.1", Locale::En),
            ("pt;q=0", Locale::En),
            ("pt;q=nan", Locale::En),
            ("pto, ptx-BR", Locale::En),
            ("de", Locale::En),
            ("*", Locale::En),
            ("", Locale::En),
            (";;;,,,q=", Locale::En),
        ] {
            assert_eq!(Locale::negotiate(Some(header)), locale, "{header:?}");
        }
        assert_eq!(Locale::negotiate(None), Locale::En);
    }

    #[test]
    fn a_language_is_known_by_its_tag() {
        assert_eq!(
            ["pt-BR", "pt", "en", "en-GB"].map(Locale::named),
            [Locale::Pt, Locale::Pt, Locale::En, Locale::En].map(Some)
        );
        assert_eq!(["*", "", "de", "pto"].map(Locale::named), [None; 4]);
    }

    #[test]
    fn a_header_of_unusual_length_is_not_read() {
        let padded = |length: usize| format!("pt,{}", "x".repeat(length - 3));
        assert_eq!(Locale::negotiate(Some(&padded(LONGEST))), Locale::Pt);
        assert_eq!(Locale::negotiate(Some(&padded(LONGEST + 1))), Locale::En);
    }

    proptest! {
        #[test]
        fn no_header_breaks_it(text in "\\PC{0,200}") {
            Locale::negotiate(Some(&text));
        }

        #[test]
        fn no_weight_breaks_it(weights in prop::collection::vec("[qQ]=(nan|NaN|inf|-inf|-0|1e9|0\\.[0-9]{1,3})", 0..64)) {
            let header: Vec<String> = weights.iter().map(|weight| format!("x;{weight}")).collect();
            prop_assert_eq!(Locale::negotiate(Some(&header.join(","))), Locale::En);
        }
    }
}
