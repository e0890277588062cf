use crate::record::Record;
use minicbor::{decode, encode};
use std::convert::Infallible;

/// How records are written: this byte, then CBOR (RFC 8949). A member that is added, and may be missing, needs no other
/// version: an instance that does not know it skips it. Another version is for a form that instances of this version
/// would misread.
const VERSION: u8 = 1;

/// A record as Redis holds it.
#[derive(Debug, PartialEq)]
pub(super) enum Written {
    Record(Box<Record>),
    /// Written by an older or a newer instance, in a form that this one cannot read.
    Foreign,
}

impl Written {
    /// The value for a record.
    ///
    /// # Errors
    /// When the record has no CBOR form.
    pub fn write(record: &Record) -> Result<Vec<u8>, encode::Error<Infallible>> {
        let mut bytes = vec![VERSION];
        minicbor::encode(record, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads a value.
    ///
    /// # Errors
    /// When it claims to be of this version and is not a record.
    pub fn read(bytes: &[u8]) -> Result<Self, decode::Error> {
        match bytes.split_first() {
            Some((&VERSION, record)) => Ok(Self::Record(Box::new(minicbor::decode(record)?))),
            _ => Ok(Self::Foreign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn record() -> Record {
        let at = |text: &str| text.parse().unwrap();
        Record {
            user_id: "0198c0de-7a3b-7c4d-8e5f-000000000001".to_owned(),
            email: Some("maria.silva@example.br".to_owned()),
            email_verified: true,
            name: Some("Maria Fernandes".to_owned()),
            picture: None,
            scopes: vec!["read".to_owned()],
            kind: Kind::Browser,
            auth_method: "password".to_owned(),
            auth_time: at("2031-05-06T07:08:09.123Z"),
            created_at: at("2031-05-06T07:08:09.123Z"),
            absolute_expires_at: at("2031-05-13T07:08:09.123Z"),
        }
    }

    fn read(bytes: &[u8]) -> Record {
        let Written::Record(record) = Written::read(bytes).unwrap() else { panic!("a foreign copy: {bytes:?}") };
        *record
    }

    /// Valkey keeps short values beside their key.
    #[test]
    fn a_typical_record_takes_at_most_128_bytes() {
        let bytes = Written::write(&record()).unwrap();
        assert!(bytes.len() <= 128, "{}", bytes.len());
        assert_eq!(read(&bytes), record());
    }

    #[test]
    fn a_form_of_another_version_is_foreign() {
        let bytes = Written::write(&record()).unwrap();
        for first in (0..=u8::MAX).filter(|first| *first != VERSION) {
            let other: Vec<_> = [first].into_iter().chain(bytes[1..].iter().copied()).collect();
            assert_eq!(Written::read(&other).unwrap(), Written::Foreign, "{first}");
        }
        assert_eq!(Written::read(b"").unwrap(), Written::Foreign);
    }

    /// An instance that is older by one release reads what a newer one has added to.
    #[test]
    fn an_unknown_member_is_skipped() {
        let bytes = Written::write(&record()).unwrap();
        let mut more = bytes.clone();
        // RFC 8949, section 3: a map with one more pair: 23 and a text.
        more[1] += 1;
        more.extend([0x17, 0x63, b'n', b'e', b'w']);
        assert_eq!(read(&more), record());
    }

    #[test]
    fn what_breaks_off_or_has_another_type_is_no_record() {
        let bytes = Written::write(&record()).unwrap();
        for length in 1..bytes.len() {
            assert!(Written::read(&bytes[..length]).is_err(), "{length}");
        }
        for rest in [&b"\x00"[..], b"\x80", b"\xa0", b"\xf6", b"\xff", b"\xbf", b"\xa1\x00\x00", &[0x81; 10_000]] {
            assert!(Written::read(&[&[VERSION], rest].concat()).is_err(), "{rest:?}");
        }
    }

    proptest! {
        #[test]
        fn a_record_survives_its_form(
            texts in prop::array::uniform5(prop::option::of("\\PC{0,40}")), scopes in prop::collection::vec("[a-z:]{0,9}", 0..4),
            email_verified: bool, is_device: bool, moments in prop::array::uniform3(-377_705_023_200_000..=253_402_207_200_000_i64),
        ) {
            let [user_id, email, name, picture, auth_method] = texts;
            let [auth_time, created_at, absolute_expires_at] =
                moments.map(|moment| Timestamp::from_millisecond(moment).unwrap());
            let record = Record {
                user_id: user_id.unwrap_or_default(), email, email_verified, name, picture, scopes,
                kind: if is_device { Kind::Device } else { Kind::Browser },
                auth_method: auth_method.unwrap_or_default(), auth_time, created_at, absolute_expires_at,
            };
            prop_assert_eq!(read(&Written::write(&record).unwrap()), record);
        }

        /// An id keeps every letter, also where it only resembles a UUID.
        #[test]
        fn an_id_keeps_its_spelling(user_id in "[0-9a-fA-F]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|\\{[0-9a-f-]{36}\\}") {
            let record = Record { user_id, ..record() };
            prop_assert_eq!(read(&Written::write(&record).unwrap()), record);
        }

        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Written::read(&[&[VERSION], &*bytes].concat());
        }
    }
}
