//! What can be seen of a text (Unicode Standard Annex 44).

use icu_properties::props::{
    BinaryProperty, DefaultIgnorableCodePoint, EmojiModifier, EnumeratedProperty, ExtendedPictographic,
    GeneralCategory, JoiningType, NoncharacterCodePoint, VariationSelector,
};

const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';

/// Drawn as eight dots of which none is there.
const BLANK_BRAILLE: char = '\u{2800}';

/// Whether nothing is drawn for a character, or it is not known what: controls, formats, what is ignored by default,
/// separators of lines and paragraphs, private ones.
pub(crate) fn is_hidden(c: char) -> bool {
    use GeneralCategory as G;
    let category = G::for_char(c);
    let is_hidden = [G::Control, G::Format, G::LineSeparator, G::ParagraphSeparator, G::PrivateUse, G::Surrogate];
    is_hidden.contains(&category) || DefaultIgnorableCodePoint::for_char(c) || NoncharacterCodePoint::for_char(c)
}

/// Whether a character leaves a mark by itself: no blank, and no accent without a letter.
pub(crate) fn is_visible(c: char) -> bool {
    use GeneralCategory as G;
    let is_mark = [G::NonspacingMark, G::EnclosingMark].contains(&G::for_char(c));
    !(c.is_whitespace() || is_mark || is_hidden(c) || c == BLANK_BRAILLE)
}

/// Whether a hidden character does its work where it stands: a joiner between two that it joins or keeps apart (RFC
/// 5892, appendices A.1 and A.2, and sequences of emoji), a selector behind the one whose form it selects.
pub(crate) fn joins(before: Option<char>, c: char, after: Option<char>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) if matches!(c, JOINER | NON_JOINER) => may_join(before) && is_visible(after),
        (Some(before), _) => VariationSelector::for_char(c) && is_visible(before),
        _ => false,
    }
}

/// Letters that join their neighbours and signs upon them, the virama among those; and pictures.
fn may_join(c: char) -> bool {
    JoiningType::for_char(c) != JoiningType::NonJoining && !matches!(c, JOINER | NON_JOINER)
        || ExtendedPictographic::for_char(c)
        || EmojiModifier::for_char(c)
}
