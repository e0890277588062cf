//! Which parts of a text are visible (Unicode Standard Annex 44).

use icu_properties::props::{
    BinaryProperty, DefaultIgnorableCodePoint, EmojiModifier, EnumeratedProperty, ExtendedPictographic,
    GeneralCategory, JoiningType, NoncharacterCodePoint, VariationSelector,
};

const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';

/// A pattern of eight dots, none of which is raised.
const BLANK_BRAILLE: char = '\u{2800}';

/// Whether a character has no glyph or an unknown one: controls, formats, default-ignorable characters, line and
/// paragraph separators, private characters.
pub(crate) fn is_hidden(c: char) -> bool {
    use GeneralCategory as G;
    let category = G::for_char(c);
    let is_hidden = [G::Control, G::Format, G::LineSeparator, G::ParagraphSeparator, G::PrivateUse, G::Surrogate];
    is_hidden.contains(&category) || DefaultIgnorableCodePoint::for_char(c) || NoncharacterCodePoint::for_char(c)
}

/// Whether a character is visible by itself: neither a blank nor an accent without a letter.
pub(crate) fn is_visible(c: char) -> bool {
    use GeneralCategory as G;
    let is_mark = [G::NonspacingMark, G::EnclosingMark].contains(&G::for_char(c));
    !(c.is_whitespace() || is_mark || is_hidden(c) || c == BLANK_BRAILLE)
}

/// Whether a hidden character has an effect where it stands: a joiner between two characters that it joins or keeps
/// apart (RFC 5892, appendices A.1 and A.2, and sequences of emoji), or a selector after the character whose form it
/// selects.
pub(crate) fn joins(before: Option<char>, c: char, after: Option<char>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) if matches!(c, JOINER | NON_JOINER) => may_join(before) && is_visible(after),
        (Some(before), _) => VariationSelector::for_char(c) && is_visible(before),
        _ => false,
    }
}

/// Letters that join their neighbours and the marks on them, including the virama; and pictures.
fn may_join(c: char) -> bool {
    JoiningType::for_char(c) != JoiningType::NonJoining && !matches!(c, JOINER | NON_JOINER)
        || ExtendedPictographic::for_char(c)
        || EmojiModifier::for_char(c)
}
