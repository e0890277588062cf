//! How members of a record are written in CBOR.

/// A user's id: the 16 bytes of a UUID in its usual form, and text if it has any other form.
pub(super) mod user {
    use minicbor::{
        Decoder, Encoder,
        data::Type,
        decode::Error,
        encode::{Error as Unwritten, Write},
    };
    use uuid::Uuid;

    pub fn encode<C, W: Write>(id: &str, to: &mut Encoder<W>, _: &mut C) -> Result<(), Unwritten<W::Error>> {
        match Uuid::try_parse(id) {
            Ok(uuid) if uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == id => {
                to.bytes(uuid.as_bytes())?
            }
            _ => to.str(id)?,
        };
        Ok(())
    }

    pub fn decode<C>(from: &mut Decoder<'_>, _: &mut C) -> Result<String, Error> {
        if from.datatype()? == Type::String {
            return Ok(from.str()?.to_owned());
        }
        Uuid::from_slice(from.bytes()?).map(|id| id.to_string()).map_err(Error::custom)
    }
}

/// A moment: milliseconds since the epoch.
pub(super) mod moment {
    use jiff::Timestamp;
    use minicbor::{
        Decoder, Encoder,
        decode::Error,
        encode::{Error as Unwritten, Write},
    };

    pub fn encode<C, W: Write>(at: &Timestamp, to: &mut Encoder<W>, _: &mut C) -> Result<(), Unwritten<W::Error>> {
        to.i64(at.as_millisecond())?;
        Ok(())
    }

    pub fn decode<C>(from: &mut Decoder<'_>, _: &mut C) -> Result<Timestamp, Error> {
        Timestamp::from_millisecond(from.i64()?).map_err(Error::custom)
    }
}
