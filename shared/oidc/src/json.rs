//! JSON that all readers understand in the same way.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor},
};
use std::{collections::BTreeSet, fmt};

/// Parses one document in which no object, at any depth, repeats a member. `None` for any other text. The parser's
/// message is dropped because it may quote the document, which may hold tokens.
pub fn parse<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    serde_json::from_slice::<Distinct>(text).ok()?;
    serde_json::from_slice(text).ok()
}

/// Any value without repeated members. Typed structs alone would let unknown members repeat.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Distinct {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON without repeated members")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        while members.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        let mut names = BTreeSet::new();
        while let Some((name, _)) = members.next_entry::<String, Self>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a member is repeated"));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// ASVS 1.5.3, 15.3.5: one document, one meaning.
    #[test]
    fn repeated_members_are_refused_at_any_depth_and_in_any_spelling() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"a":3}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"[{"b":{"a":null,"a":true}}]"#,
            r#"{"keys":[{"kid":"1","kid":"2"}]}"#,
        ] {
            assert!(serde_json::from_str::<Value>(text).is_ok(), "{text}");
            assert_eq!(parse::<Value>(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_same_member_in_two_objects_is_not_repeated() {
        assert!(parse::<Value>(br#"{"a":{"a":[{"a":1},{"a":-1.5e3}]},"b":"a"}"#).is_some());
    }

    #[test]
    fn what_follows_the_document_counts() {
        assert_eq!(parse::<Value>(b"{} {}"), None);
        assert_eq!(parse::<Value>(b"{\"a\":1"), None);
        assert_eq!(parse::<Value>(&[b'['; 100_000]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_parser(bytes: Vec<u8>) {
            let _ = parse::<Value>(&bytes);
        }
    }
}
