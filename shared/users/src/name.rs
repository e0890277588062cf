use crate::shown::{is_hidden, is_visible, joins};
use reason::{Code, Reason};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// The longest name, in code points.
const LONGEST: usize = 100;

/// The name of a person or a device in a form that can be shown: NFC, without the blanks around it.
///
/// It appears in mails and on pages, which must escape it. The rules are the same for every source: a registration, a
/// provider, a device, the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Reads a name of 1 to 100 code points. Each of them is visible, or changes how the one before it is drawn: a name
    /// that looks empty, or reverses the text around it, could be taken for another one (Unicode Technical Report 36,
    /// 2.5 and 2.10).
    ///
    /// # Errors
    /// Why the text is not such a name, without repeating it.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        // The text is cut before it is composed, so that long text costs no more work.
        let name: String = text.trim().nfc().take(LONGEST + 1).collect();
        match name.chars().count() {
            0 => Err(Code::Empty.into()),
            1..=LONGEST if !is_drawn(&name) => Err(Code::Unprintable.into()),
            1..=LONGEST if !name.chars().any(is_visible) => Err(Code::Invisible.into()),
            1..=LONGEST => Ok(Self(name)),
            _ => Err(Reason::too_long(LONGEST)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether every character is drawn, or joins the two characters around it.
fn is_drawn(name: &str) -> bool {
    let characters: Vec<char> = name.chars().collect();
    let neighbour = |index: Option<usize>| index.and_then(|index| characters.get(index)).copied();
    characters
        .iter()
        .enumerate()
        .all(|(index, &c)| !is_hidden(c) || joins(neighbour(index.checked_sub(1)), c, neighbour(index.checked_add(1))))
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_are_called_is_a_name() {
        for name in [
            "Ada",
            "Ada Lovelace",
            "X",
            "O\u{2019}Brien-N\u{f6}el, Jr.",
            "<b>Ada</b>",
            "\u{5c71}\u{7530}\u{3000}\u{592a}\u{90ce}",
            // Persian: a non-joiner between two letters that would otherwise join.
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            // Sinhala: a joiner after the sign that removes the vowel.
            "\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}",
            // A family, an astronaut with a skin tone, a flag of two signs and a variation selector.
            "\u{1f469}\u{200d}\u{1f467}",
            "\u{1f469}\u{1f3fd}\u{200d}\u{1f680}",
            "\u{1f3f3}\u{fe0f}\u{200d}\u{1f308}",
            // A variant of a character in Japanese names.
            "\u{845b}\u{e0100}\u{57ce}",
        ] {
            assert_eq!(Name::parse(name).as_ref().map(Name::as_str), Ok(name), "{name:?}");
        }
    }

    #[test]
    fn a_name_is_composed_and_has_no_blanks_around_it() {
        assert_eq!(Name::parse(" \u{2003}Noe\u{308}l\t\n").unwrap().as_str(), "No\u{eb}l");
        assert_eq!(Name::parse(&format!(" {} ", "e\u{301}".repeat(100))).unwrap().as_str(), "\u{e9}".repeat(100));
        assert_eq!(Name::parse(&"x".repeat(101)), Err(Reason::too_long(100)));
    }

    #[test]
    fn what_cannot_be_seen_is_no_name() {
        for name in ["", " ", "\u{2003}\u{3000}", "\u{a0}"] {
            assert_eq!(Name::parse(name), Err(Code::Empty.into()), "{name:?}");
        }
        for name in ["\u{2800}", "\u{301}", "\u{2800} \u{2800}"] {
            assert_eq!(Name::parse(name), Err(Code::Invisible.into()), "{name:?}");
        }
        for name in [
            "Ada\0",
            "Ada\nBcc: eve@example.com",
            "Ada\tB",
            "Ada\u{85}b",
            // Format characters: direction, zero width, a soft hyphen, tags.
            "\u{202e}",
            "\u{200b}",
            "Ada\u{202e}evE",
            "A\u{200b}da",
            "\u{feff}Ada",
            "A\u{ad}da",
            "Ada\u{2066}",
            "Ada\u{e0041}",
            // Line and paragraph separators, letters without a glyph, private characters and noncharacters.
            "Ada\u{2028}b",
            "Ada\u{2029}b",
            "\u{3164}",
            "A\u{115f}da",
            "A\u{34f}da",
            "Ada\u{e000}",
            "Ada\u{ffff}",
            // Joiners that join nothing.
            "\u{200d}",
            "A\u{200d}da",
            "Ada\u{200c}",
            "\u{200d}Ada",
            "\u{645}\u{200c} \u{62e}",
            "\u{645}\u{200c}\u{200c}\u{62e}",
            "\u{1f469}\u{200d}",
            // A selector with nothing before it.
            "\u{fe0f}Ada",
            "Ada \u{fe0f}",
        ] {
            assert_eq!(Name::parse(name), Err(Code::Unprintable.into()), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn a_name_is_one_once_and_for_all(text in "\\PC{0,120}|[\\x00-\\x20a\u{200b}-\u{200f}\u{301}\u{1f469}\u{fe0f}]{0,8}") {
            if let Ok(name) = Name::parse(&text) {
                prop_assert_eq!(Name::parse(name.as_str()), Ok(name.clone()));
                prop_assert!((1..=LONGEST).contains(&name.as_str().chars().count()));
                let is_hidden = name.as_str().contains(['\u{200b}', '\u{202e}', '\0', '\n']);
                prop_assert!(!is_hidden);
            }
        }
    }
}
