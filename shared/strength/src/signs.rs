//! Signs that people write for letters. zxcvbn undoes them: for every way to read the signs of a password it searches
//! all its dictionaries once more. A password with many different signs for few letters can be read in hundreds of
//! ways, an ordinary one in a few.

use std::borrow::Cow;

/// The letters and the signs that are written for them, as in zxcvbn.
const LETTERS: [(char, &[char]); 12] = [
    ('a', &['4', '@']),
    ('b', &['8']),
    ('c', &['(', '{', '[', '<']),
    ('e', &['3']),
    ('g', &['6', '9']),
    ('i', &['1', '!', '|']),
    ('l', &['1', '|', '7']),
    ('o', &['0']),
    ('s', &['$', '5']),
    ('t', &['+', '7']),
    ('x', &['%']),
    ('z', &['2']),
];

/// The most ways that a password of only digits and letters can have.
pub(crate) const MOST_WAYS: usize = 8;

/// The password with at most [`MOST_WAYS`] ways to read its signs. If there are more, only one sign per letter is kept.
/// Every word that was found before is still found, so the password is not rated better. Digits stay unchanged, since
/// dates and sequences consist of them.
pub(crate) fn readable(password: &str) -> Cow<'_, str> {
    if ways(password) <= MOST_WAYS { password.into() } else { password.chars().map(plainer).collect::<String>().into() }
}

fn plainer(sign: char) -> char {
    match sign {
        '@' => '4',
        '{' | '[' | '<' => '(',
        '!' | '|' => '1',
        '$' => '5',
        '+' => '7',
        other => other,
    }
}

/// An upper bound on the number of ways: for each letter any of the signs present, and a sign of two letters twice,
/// since it may stand for either.
fn ways(password: &str) -> usize {
    let shared =
        |letter: char, sign: char| letter == 'l' && LETTERS.iter().filter(|(_, of)| of.contains(&sign)).count() > 1;
    let of_letter = |(letter, signs): &(char, &[char])| {
        let there = signs.iter().filter(|sign| password.contains(**sign));
        there.map(|sign| if shared(*letter, *sign) { 2 } else { 1 }).sum::<usize>().max(1)
    };
    LETTERS.iter().map(of_letter).product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const WORST: &str = "4@8({[<369!1|0$5+7%2";

    /// The ways that zxcvbn 3.1 tries, by its own method, with the letters in any order.
    fn enumerated(password: &str, letters: &[usize]) -> usize {
        let mut ways: Vec<Vec<(char, char)>> = vec![vec![]];
        for (letter, signs) in letters.iter().map(|n| LETTERS[*n]) {
            let there: Vec<_> = signs.iter().filter(|sign| password.contains(**sign)).collect();
            if there.is_empty() {
                continue;
            }
            let mut next = Vec::new();
            for sign in there {
                for way in &ways {
                    let mut other = way.clone();
                    if let Some(taken) = way.iter().position(|(of, _)| of == sign) {
                        other.remove(taken);
                        next.push(way.clone());
                    }
                    other.push((*sign, letter));
                    next.push(other);
                }
            }
            ways = next;
        }
        ways.len()
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for password in [
            "P@ssw0rd!",
            "correct horse battery staple",
            "1999-12-31",
            "0123456789",
            "L0v3l4ce2026!",
            "a+b@example.com",
        ] {
            assert_eq!(readable(password), password);
        }
    }

    #[test]
    fn many_signs_for_few_letters_become_few() {
        assert_eq!(enumerated(WORST, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), 800);
        assert_eq!(readable(WORST), "448((((36911105577%2");
        assert_eq!(ways(&readable(WORST)), MOST_WAYS);
    }

    proptest! {
        #[test]
        fn no_password_can_be_read_in_many_ways(
            password in "[@{\\[<(!|$+%0-9a-z]{0,40}|\\PC{0,40}",
            order in Just((0..LETTERS.len()).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let readable = readable(&password);
            prop_assert!(enumerated(&readable, &order) <= MOST_WAYS, "{readable}");
            prop_assert_eq!(readable.chars().count(), password.chars().count());
        }

        /// If a sign may stand for a letter before, it may afterwards.
        #[test]
        fn no_letter_is_lost(password in "[@{\\[<(!|$+%0-9a-z]{0,40}") {
            let letters = |sign: char| {
                let of = LETTERS.iter().filter(|(_, signs)| signs.contains(&sign)).map(|(letter, _)| *letter);
                of.collect::<BTreeSet<_>>()
            };
            for (before, after) in password.chars().zip(readable(&password).chars()) {
                prop_assert!(letters(before).is_subset(&letters(after)), "{before} {after}");
            }
        }
    }
}
