use crate::guess::LOOKED_AT;
use unicode_normalization::UnicodeNormalization;

/// The longest word that is compared, in characters: a longer one is never found in a password.
const LONGEST: usize = LOOKED_AT;
/// The most words that are compared. If a person's name has more, the rest is not checked.
const MOST: usize = 64;
/// Shorter parts occur in many passwords by chance.
const SHORTEST: usize = 3;

/// The words that an attacker who knows these texts tries first: each text whole, and its parts, in lower case and NFC.
pub(crate) fn words<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut words = Vec::new();
    for text in texts {
        let text: String = text.trim().nfc().take(LONGEST).collect::<String>().to_lowercase();
        let sides = text.split('@').map(str::to_owned).collect::<Vec<_>>();
        let parts = text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>();
        for word in [text].into_iter().chain(sides).chain(parts) {
            if word.chars().count() >= SHORTEST && words.len() < MOST && !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_known_whole_and_by_its_parts() {
        let words = words(["Ada.Lovelace@Example.com", "Ada King-No\u{308}el", "", "  "]);
        let expected = [
            "ada.lovelace@example.com",
            "ada.lovelace",
            "example.com",
            "ada",
            "lovelace",
            "example",
            "com",
            "ada king-n\u{f6}el",
            "king",
            "n\u{f6}el",
        ];
        assert_eq!(words, expected);
    }

    proptest! {
        #[test]
        fn however_long_a_name_is_the_work_is_bounded(text in "(\\PC{0,9} ?){0,200}") {
            let words = words([text.as_str(); 80]);
            prop_assert!(words.len() <= MOST);
            prop_assert!(words.iter().all(|word| word.chars().count() <= 3 * LONGEST));
        }
    }
}
