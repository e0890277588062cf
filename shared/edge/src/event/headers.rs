use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::{borrow::Cow, fmt};

/// The headers of a request, in the order of the event. Their texts stay where they are in it.
#[derive(Default)]
pub(crate) struct Headers<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Headers<'_> {
    /// The values of a header, readable or not. Names have no case (RFC 9110, section 5.1).
    pub fn all(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// How long they are in a request, where each also has a colon, a space and an end of line.
    pub fn length(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.len() + 4).sum()
    }
}

/// A value as text: `None` beyond ASCII, and for control characters other than a tab (RFC 9110, section 5.5).
pub(crate) fn text(value: &str) -> Option<&str> {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t')).then_some(value)
}

/// The gateway sends one value; other senders send a list of them. What is neither counts as an empty value.
enum Values<'a> {
    One(Cow<'a, str>),
    Many(Vec<Values<'a>>),
}

impl<'a> Headers<'a> {
    fn add(&mut self, name: Cow<'a, str>, values: Values<'a>) {
        match values {
            Values::One(value) => self.0.push((name, value)),
            Values::Many(values) => values.into_iter().for_each(|one| self.add(name.clone(), one)),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Headers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self::default())
    }
}

impl<'de: 'a, 'a> Visitor<'de> for Headers<'a> {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of headers")
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some((super::Text(name), values)) = map.next_entry()? {
            self.add(name, values);
        }
        Ok(self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Values<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self::EMPTY)
    }
}

impl Values<'_> {
    const EMPTY: Self = Self::One(Cow::Borrowed(""));
}

impl<'de: 'a, 'a> Visitor<'de> for Values<'a> {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Self, E> {
        Ok(Self::One(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self, E> {
        Ok(Self::One(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Self::Many(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::EMPTY)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self, E> {
        Ok(Self::EMPTY)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self, E> {
        Ok(Self::EMPTY)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self, E> {
        Ok(Self::EMPTY)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self, E> {
        Ok(Self::EMPTY)
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(Self::EMPTY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Vec<(String, String)> {
        let Headers(headers) = serde_json::from_str(json).unwrap();
        headers.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }

    #[test]
    fn a_value_is_one_text_or_several_and_anything_else_is_empty() {
        let headers = r#"{"A":"1","b":["2","3"],"c":4,"d":-1,"e":1.5,"f":null,"g":true,"h":{"x":[1]},"i":[{"y":2},"\n"],"a":"5"}"#;
        let expected =
            [("A", "1"), ("b", "2"), ("b", "3"), ("c", ""), ("d", ""), ("e", ""), ("f", ""), ("g", ""), ("h", "")];
        let expected = expected.into_iter().chain([("i", ""), ("i", "\n"), ("a", "5")]);
        assert_eq!(read(headers), expected.map(|(name, value)| (name.into(), value.into())).collect::<Vec<_>>());
        assert!(read("null").is_empty());
        assert!(serde_json::from_str::<Headers<'_>>("[]").is_err());
    }

    #[test]
    fn a_header_is_found_in_any_case_as_often_as_it_is_there() {
        let headers: Headers<'_> = serde_json::from_str(r#"{"X-Name":"1","x-nam":"2","x-name":["3","4"]}"#).unwrap();
        assert_eq!(headers.all("x-name").collect::<Vec<_>>(), ["1", "3", "4"]);
        assert_eq!(headers.length(), 3 * (6 + 1 + 4) + 5 + 1 + 4);
    }

    #[test]
    fn text_is_what_a_header_may_show() {
        assert_eq!(text("a\tb ~"), Some("a\tb ~"));
        for value in ["a\nb", "n\u{e4}me", "\u{7f}", "\0"] {
            assert_eq!(text(value), None, "{value:?}");
        }
    }
}
