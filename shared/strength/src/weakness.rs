/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// It has fewer characters than the setting requires. With the reason, which names the number.
    TooShort(&'static str),
    /// Many people use it, or a similar one.
    Common,
    /// It is made of the person's own words, or of the product's.
    OwnWords,
    /// It follows a pattern that guessing programs try early. With the reason, which names the pattern.
    Guessable(&'static str),
    /// It is in a published collection of stolen passwords.
    Breached,
}

impl Weakness {
    /// The text for the person, as the end of a sentence that begins with the name of the member.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::TooShort(reason) | Self::Guessable(reason) => reason,
            Self::Common => "is among the passwords that most people use, or close to one of them",
            Self::OwnWords => "is made of your name, your address or the name of this service",
            Self::Breached => "is known from a breach of another service",
        }
    }
}
