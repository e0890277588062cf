use crate::signs::readable;
use reason::Code;
use zxcvbn::{Entropy, Match, Score, feedback::Warning, matching::patterns::MatchPattern, zxcvbn};

/// How much of a password is examined, in characters. That part decides: what follows makes nothing weaker, and the
/// work grows with the square of the length.
pub(crate) const LOOKED_AT: usize = 64;

/// What zxcvbn considers safe against an attacker who has the hash and little patience: at least 10^8 guesses.
const SAFE: Score = Score::Three;

/// Judges what a program that knows `own_words` would have to guess. The words are in lower case, and count for
/// nothing: the rest of the password has to be safe by itself.
///
/// # Errors
/// The kind of weakness, when that is too little.
pub(crate) fn guess(password: &str, own_words: &[String]) -> Result<(), Code> {
    let words: Vec<&str> = own_words.iter().map(String::as_str).collect();
    let looked_at: String = password.chars().take(LOOKED_AT).collect();
    let entropy = estimate(&looked_at, &words);
    let safe = entropy.score() >= SAFE;
    match beside(&entropy, own_words) {
        Some(rest) if !safe || estimate(&rest, &words).score() < SAFE => Err(Code::OwnWords),
        _ if safe => Ok(()),
        _ => Err(entropy.feedback().and_then(|feedback| feedback.warning()).map_or_else(|| plain(&entropy), weakness)),
    }
}

/// The work is bounded by the length of the examined part and by the number of ways to read it.
fn estimate(looked_at: &str, words: &[&str]) -> Entropy {
    zxcvbn(&readable(looked_at), words)
}

/// The rest of a password without the own words found in it, in any spelling. `None`: it holds none.
fn beside(entropy: &Entropy, own_words: &[String]) -> Option<String> {
    let is_own = |part: &&Match| match &part.pattern {
        MatchPattern::Dictionary(found) => own_words.contains(&found.matched_word),
        _ => false,
    };
    entropy.sequence().iter().find(is_own)?;
    Some(entropy.sequence().iter().filter(|part| !is_own(part)).map(|part| part.token.as_str()).collect())
}

/// The weakness if there is no warning: words of some dictionaries, and combinations of several patterns.
fn plain(entropy: &Entropy) -> Code {
    match entropy.sequence() {
        [only] if matches!(only.pattern, MatchPattern::Dictionary(_)) => Code::SingleWord,
        _ => Code::Guessable,
    }
}

fn weakness(warning: Warning) -> Code {
    use Warning as W;
    match warning {
        W::ThisIsATop10Password
        | W::ThisIsATop100Password
        | W::ThisIsACommonPassword
        | W::ThisIsSimilarToACommonlyUsedPassword => Code::Common,
        W::StraightRowsOfKeysAreEasyToGuess | W::ShortKeyboardPatternsAreEasyToGuess => Code::Keyboard,
        W::RepeatsLikeAaaAreEasyToGuess | W::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => Code::Repetitive,
        W::SequencesLikeAbcAreEasyToGuess => Code::Sequence,
        W::RecentYearsAreEasyToGuess | W::DatesAreOftenEasyToGuess => Code::Date,
        W::AWordByItselfIsEasyToGuess => Code::SingleWord,
        W::NamesAndSurnamesByThemselvesAreEasyToGuess | W::CommonNamesAndSurnamesAreEasyToGuess => Code::Names,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// ASVS 6.2.4, 6.2.11: every refusal has a reason.
    #[test]
    fn what_is_easy_to_guess_is_refused_with_a_reason_of_its_own() {
        let words = ["lovelace".to_owned(), "acme".to_owned()];
        for (password, code) in [
            ("password", Code::Common),
            ("iloveyou", Code::Common),
            ("P@ssw0rd1234", Code::Common),
            ("lovelace", Code::OwnWords),
            ("ecalevol", Code::OwnWords),
            ("L0v3l4ce2026", Code::OwnWords),
            ("acme-lovelace", Code::OwnWords),
            ("hjkl;'", Code::Keyboard),
            ("aaaaaaaaaaaaaaaaaaaaaaaa", Code::Repetitive),
            ("abcdefghijklmno", Code::Sequence),
            ("12.11.1987", Code::Date),
            ("sensational", Code::SingleWord),
        ] {
            assert_eq!(guess(password, &words), Err(code), "{password}");
        }
    }

    #[test]
    fn what_is_hard_to_guess_is_accepted_whatever_it_is_made_of() {
        let pictures = "\u{1f511}\u{1f98a}\u{1f3b2}\u{1f30b}\u{1f9ca}\u{1f41d}kxqw";
        for password in ["correct horse battery staple", "qxvbzjkwtrmg", pictures, "82649175309264"] {
            assert_eq!(guess(password, &[]), Ok(()), "{password}");
        }
    }

    #[test]
    fn a_long_password_is_judged_by_its_beginning() {
        let weak = "a".repeat(LOOKED_AT);
        assert!(guess(&format!("{weak}qxvbzjkwtrmg correct horse"), &[]).is_err());
        assert_eq!(guess(&format!("qxvbzjkwtrmg correct horse{weak}"), &[]), Ok(()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_password_breaks_it(password in "\\PC{0,256}|[a-c0-2]{0,256}", words in prop::collection::vec("\\PC{0,20}", 0..8)) {
            let words: Vec<_> = words.iter().map(|word| word.to_lowercase()).collect();
            prop_assert_eq!(guess(&password, &words), guess(&password, &words));
        }
    }
}
