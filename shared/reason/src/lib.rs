//! Why a member of a request cannot be used: a code for programs, and a text for people.

use std::fmt;

/// A code with the limit that was not kept, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    code: Code,
    limit: Option<usize>,
}

impl Reason {
    /// The value has fewer than `min` characters.
    pub const fn too_short(min: usize) -> Self {
        Self { code: Code::TooShort, limit: Some(min) }
    }

    /// The value has more than `max` characters.
    pub const fn too_long(max: usize) -> Self {
        Self { code: Code::TooLong, limit: Some(max) }
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The name of the limit, and the limit in characters.
    pub fn limit(&self) -> Option<(&'static str, usize)> {
        let name = if self.code == Code::TooShort { "min" } else { "max" };
        self.limit.map(|limit| (name, limit))
    }
}

impl From<Code> for Reason {
    fn from(code: Code) -> Self {
        Self { code, limit: None }
    }
}

/// The end of a sentence that begins with the name of the member.
impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.code.text();
        match (text.split_once("{}"), self.limit) {
            (Some((before, after)), Some(limit)) => write!(formatter, "{before}{limit}{after}"),
            _ => formatter.write_str(text),
        }
    }
}

/// Names each code once: how the code calls it, how a client does, and the text.
macro_rules! codes {
    ($($(#[$doc:meta])+ $code:ident = $name:literal, $text:literal;)+) => {
        /// What is wrong with a value. The names are part of the contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])+ $code,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// The name, as clients see it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $name),+ }
            }

            fn text(self) -> &'static str {
                match self { $(Self::$code => $text),+ }
            }
        }
    };
}

codes! {
    /// A required member is absent.
    Missing = "missing", "is missing";
    /// The body has no such member.
    Unknown = "unknown", "is not a member of this body";
    /// The member is there more than once.
    Repeated = "repeated", "is there more than once";
    /// The member is of another type.
    WrongType = "wrong-type", "is not a text";
    /// Nothing, or only blanks.
    Empty = "empty", "is empty";
    /// Fewer characters than the least number.
    TooShort = "too-short", "is shorter than {} characters";
    /// More characters than the greatest number.
    TooLong = "too-long", "is longer than {} characters";
    /// Not an address to which mail can be sent.
    NotAnAddress = "not-an-address", "is not an email address";
    /// A character that is not drawn, or that changes how others are.
    Unprintable = "unprintable", "has a character that cannot be shown";
    /// Characters of which none can be seen.
    Invisible = "invisible", "has nothing that can be seen";
    /// The new password is the current one.
    Unchanged = "unchanged", "is the current one";
    /// Many people use it, or a similar one.
    Common = "common", "is among the passwords that most people use, or close to one of them";
    /// Made of the person's own words, or of the product's.
    OwnWords = "own-words", "is made of your name, your address or the name of this service";
    /// In a published collection of stolen passwords.
    Breached = "breached", "is known from a breach of another service";
    /// One word of a dictionary.
    SingleWord = "single-word", "is easy to guess: it is a single word";
    /// Keys that lie side by side.
    Keyboard = "keyboard", "is easy to guess: it follows the keys of a keyboard";
    /// The same again and again.
    Repetitive = "repetitive", "is easy to guess: it repeats itself";
    /// Letters or digits in their order.
    Sequence = "sequence", "is easy to guess: it counts or spells the alphabet";
    /// A date or a year.
    Date = "date", "is easy to guess: it is made of a date or a year";
    /// Names of people.
    Names = "names", "is easy to guess: it is made of names";
    /// Too few guesses find it.
    Guessable = "guessable", "is easy to guess: a few words that do not belong together are better";
    /// The judge failed on it.
    Unjudged = "unjudged", "cannot be judged: choose another one";
    /// No service of this name is served.
    UnknownAudience = "unknown-audience", "is not one of ours";
    /// The password was given in another browser, and has to be given here too.
    OtherBrowser = "other-browser", "is needed: another browser asked for the account";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_named_in_the_text_and_beside_the_code() {
        assert_eq!(Reason::too_long(256).to_string(), "is longer than 256 characters");
        assert_eq!(Reason::too_long(256).limit(), Some(("max", 256)));
        assert_eq!(Reason::too_short(12).to_string(), "is shorter than 12 characters");
        assert_eq!(Reason::too_short(12).limit(), Some(("min", 12)));
    }

    /// A placeholder without a limit would be shown to people.
    #[test]
    fn only_limits_have_a_placeholder() {
        for code in Code::ALL {
            let has_limit = matches!(code, Code::TooShort | Code::TooLong);
            assert_eq!(code.text().contains("{}"), has_limit, "{code:?}");
            assert!(code.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{code:?}");
        }
    }
}
